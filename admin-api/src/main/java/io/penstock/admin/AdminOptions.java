package io.penstock.admin;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Optional;

/**
 * Where the admin API listens, and its bounds.
 *
 * @param address the address; port 0 lets the system choose
 * @param tls the key to serve HTTPS with; needed unless the address is loopback
 * @param connectionsMax connections open at once
 * @param requestsMax requests under way at once; one more is answered 503
 * @param readTimeout from the opening of a connection to the end of its first request's head
 * @param bodyTimeout how long a whole body may take
 * @param writeTimeout how long a caller may take nothing of an answer that is made while it is sent
 * @param idleTimeout from an answer to the end of the next request's head
 * @param joins whether another process of this user may listen at the address already, whose place this one takes
 */
public record AdminOptions(
        InetSocketAddress address,
        Optional<AdminTls> tls,
        int connectionsMax,
        int requestsMax,
        Duration readTimeout,
        Duration bodyTimeout,
        Duration writeTimeout,
        Duration idleTimeout,
        boolean joins) {
    /** The usual bounds. */
    public static AdminOptions at(InetSocketAddress address, Optional<AdminTls> tls) {
        return new AdminOptions(
                address,
                tls,
                256,
                128,
                Duration.ofSeconds(10),
                Duration.ofSeconds(60),
                Duration.ofSeconds(30),
                Duration.ofSeconds(75),
                false);
    }

    /** The same beside a process that listens there already, if any does. */
    public AdminOptions joining(boolean joinsOther) {
        return new AdminOptions(
                address,
                tls,
                connectionsMax,
                requestsMax,
                readTimeout,
                bodyTimeout,
                writeTimeout,
                idleTimeout,
                joinsOther);
    }
}
