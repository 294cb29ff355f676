/** Budgets with hand-advanced meters and clocks. */
@NullMarked
package io.penstock.plugin.budget;

import org.jspecify.annotations.NullMarked;
