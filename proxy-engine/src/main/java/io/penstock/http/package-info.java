/** Message heads as bytes plus offsets, with the strict HTTP/1 parser and writer. */
@NullMarked
package io.penstock.http;

import org.jspecify.annotations.NullMarked;
