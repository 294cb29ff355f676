/** TLS over a channel: what a connection's handler sends and receives is in clear, what its socket does is not. */
@NullMarked
package io.penstock.transport.tls;

import org.jspecify.annotations.NullMarked;
