/** HTTP/3 as it stands on a stream (RFC 9114, RFC 9204): frames and compressed fields; no streams, no sockets, no threads. */
@NullMarked
package io.penstock.http3;

import org.jspecify.annotations.NullMarked;
