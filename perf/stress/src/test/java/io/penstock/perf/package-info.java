/** Rules for what lies beside the measured packages. */
@NullMarked
package io.penstock.perf;

import org.jspecify.annotations.NullMarked;
