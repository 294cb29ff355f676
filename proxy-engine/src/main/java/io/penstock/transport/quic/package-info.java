/** What QUIC (RFC 9000) is to the rest of the engine: connections, streams that are channels, and what both need by name. */
@NullMarked
package io.penstock.transport.quic;

import org.jspecify.annotations.NullMarked;
