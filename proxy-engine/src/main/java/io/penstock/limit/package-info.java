/** The lock-free tables that workers share: rates and permits. */
@NullMarked
package io.penstock.limit;

import org.jspecify.annotations.NullMarked;
