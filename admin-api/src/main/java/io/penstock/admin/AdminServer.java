package io.penstock.admin;

import io.penstock.admin.resource.AdminApi;
import io.penstock.admin.resource.AdminParts;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;

/**
 * The admin API on its own port, on virtual threads, never on a worker. Whoever opens it closes it before the parts it was
 * given.
 */
public final class AdminServer implements AutoCloseable {
    private final HttpDoor door;
    private final Listening server;
    private final InetSocketAddress address;
    private final Optional<AdminTls> tls;

    /**
     * Listens.
     *
     * @throws AdminRefused if the address is public and has no key, or cannot be listened on
     */
    public AdminServer(AdminParts parts, AdminOptions options) throws AdminRefused {
        InetAddress ip = options.address().getAddress();
        if (options.tls().isEmpty() && (ip == null || !ip.isLoopbackAddress())) {
            throw new AdminRefused("the admin API does not serve clear text on " + Listening.text(options.address())
                    + ": tokens would be readable on the way. Listen on 127.0.0.1, or serve HTTPS.");
        }
        this.tls = options.tls();
        RequestIds ids = new RequestIds(Clock.systemUTC(), new SecureRandom());
        Connections connections = new Connections("admin", options.readTimeout(), options.idleTimeout());
        this.door = new HttpDoor(new AdminApi(parts), ids, connections, options);
        this.server = Listening.open("the admin API", options, ids, connections, door);
        this.address = new InetSocketAddress(ip, server.port());
    }

    /** Where it listens, with the port that the system chose. */
    public InetSocketAddress address() {
        return address;
    }

    /** How callers reach it. */
    public URI uri() {
        return URI.create((tls.isPresent() ? "https://" : "http://") + Listening.text(address));
    }

    /** Of the certificate, if it serves HTTPS. */
    public Optional<String> fingerprint() {
        return tls.map(AdminTls::fingerprint);
    }

    /**
     * Answers everything with 503 from now on, and waits for what is under way, so that the parts it was given can be closed.
     *
     * @return whether all of it ended in time; else it may still be at these parts
     */
    public boolean suspend(Duration atMost) {
        return door.suspend(atMost);
    }

    /** Answers again, with these parts. */
    public void resume(AdminParts parts) {
        door.opened(new AdminApi(parts));
    }

    @Override
    public void close() {
        door.suspend(Duration.ZERO);
        server.close();
    }
}
