/** Loops, channels, listeners, the TLS layer and the timer wheel over io_uring, epoll and NIO. */
@NullMarked
package io.penstock.transport;

import org.jspecify.annotations.NullMarked;
