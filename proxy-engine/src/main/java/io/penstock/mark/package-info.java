/** The two thread marks that the house rules check. */
@NullMarked
package io.penstock.mark;

import org.jspecify.annotations.NullMarked;
