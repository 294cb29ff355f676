/** What a script may take: time, memory and statements, watched from outside; and what its hooks cost. */
@NullMarked
package io.penstock.plugin.budget;

import org.jspecify.annotations.NullMarked;
