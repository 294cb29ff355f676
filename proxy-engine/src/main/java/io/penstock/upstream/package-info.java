/** Picking an endpoint, and opening a stream to it on a pooled connection. */
@NullMarked
package io.penstock.upstream;

import org.jspecify.annotations.NullMarked;
