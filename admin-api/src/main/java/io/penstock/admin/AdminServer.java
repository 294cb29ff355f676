package io.penstock.admin;

import io.penstock.admin.resource.AdminApi;
import io.penstock.admin.resource.AdminParts;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.Optional;

/**
 * The admin API on its own port, on virtual threads, never on a worker. Whoever opens it closes it before the parts it was
 * given.
 */
public final class AdminServer implements AutoCloseable {
    private final AdminApi api;
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
        this.api = new AdminApi(parts);
        RequestIds ids = new RequestIds(Clock.systemUTC(), new SecureRandom());
        Connections connections = new Connections("admin", options.readTimeout(), options.idleTimeout());
        this.server = Listening.open(
                "the admin API",
                options,
                ids,
                connections,
                new HttpDoor(api, ids, connections, options.bodyTimeout(), options.requestsMax()));
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

    @Override
    public void close() {
        api.close();
        server.close();
    }
}
