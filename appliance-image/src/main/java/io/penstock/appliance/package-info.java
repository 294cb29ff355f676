/** Boot order, signals and shutdown of the whole product. */
@NullMarked
package io.penstock.appliance;

import org.jspecify.annotations.NullMarked;
