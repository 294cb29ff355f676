/** The codec of HTTP/2: frames (RFC 9113), header compression (RFC 7541), windows and the budget for a peer's misbehaviour. */
@NullMarked
package io.penstock.http2;

import org.jspecify.annotations.NullMarked;
