/** The client's side: accepted connections made into streams. */
@NullMarked
package io.penstock.downstream;

import org.jspecify.annotations.NullMarked;
