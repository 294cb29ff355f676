/** The machine that a gateway has to itself, where it has one: its settings, and what may be asked of it. */
@NullMarked
package io.penstock.admin.machine;

import org.jspecify.annotations.NullMarked;
