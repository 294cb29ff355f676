/** The front door: start, publish, drain and stop, all on the control thread. */
@NullMarked
package io.penstock.engine;

import org.jspecify.annotations.NullMarked;
