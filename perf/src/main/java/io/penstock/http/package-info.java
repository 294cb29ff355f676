/** Measures the reading and writing of message heads. */
@NullMarked
package io.penstock.http;

import org.jspecify.annotations.NullMarked;
