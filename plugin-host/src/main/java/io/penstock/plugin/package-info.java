/** Runs plugins as filters inside budgets of time and memory. */
@NullMarked
package io.penstock.plugin;

import org.jspecify.annotations.NullMarked;
