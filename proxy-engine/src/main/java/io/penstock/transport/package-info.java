/** Loops, channels, listeners, the TLS layer and the timer wheel over epoll, io_uring and NIO. */
@NullMarked
package io.penstock.transport;

import org.jspecify.annotations.NullMarked;
