/** One revision compiled into what workers run, with its pins and its release. */
@NullMarked
package io.penstock.snapshot;

import org.jspecify.annotations.NullMarked;
