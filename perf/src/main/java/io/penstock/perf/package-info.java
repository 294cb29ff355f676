/** Measures what a core and the machine under it can do; benchmarks of a package live under that package's name. */
@NullMarked
package io.penstock.perf;

import org.jspecify.annotations.NullMarked;
