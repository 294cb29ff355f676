/** One core and all that it owns. */
@NullMarked
package io.penstock.worker;

import org.jspecify.annotations.NullMarked;
