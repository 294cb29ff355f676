/** The rules of the house, checked over every package of the engine. */
@NullMarked
package io.penstock;

import org.jspecify.annotations.NullMarked;
