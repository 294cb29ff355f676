/** Which processor cores threads may run on: the plan an operator asks for, and the kernel's word for it. */
@NullMarked
package io.penstock.cores;

import org.jspecify.annotations.NullMarked;
