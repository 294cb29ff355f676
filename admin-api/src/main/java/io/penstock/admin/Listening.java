package io.penstock.admin;

import io.helidon.common.socket.SocketOptions;
import io.helidon.common.tls.Tls;
import io.helidon.http.DirectHandler;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.Headers;
import io.helidon.http.Status;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.WebServerConfig;
import io.helidon.webserver.http.DirectHandlers;
import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http1.Http1Config;
import io.helidon.webserver.http2.Http2Config;
import io.penstock.admin.resource.ApiProblem;
import io.penstock.admin.resource.JsonText;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.time.Duration;

/** A web server of virtual threads with every bound set: heads, connections, times. */
final class Listening implements AutoCloseable {
    private static final int HEAD_BYTES_MAX = 16 * 1024;
    private static final int REQUEST_LINE_BYTES_MAX = 8 * 1024;
    private static final int HTTP2_STREAMS_MAX = 64;

    private final WebServer server;
    private final Connections connections;

    private Listening(WebServer server, Connections connections) {
        this.server = server;
        this.connections = connections;
    }

    /** Opens it; {@code connections} is closed with it. */
    static Listening open(String what, AdminOptions options, RequestIds ids, Connections connections, Handler handler)
            throws AdminRefused {
        InetSocketAddress address = options.address();
        InetAddress ip = address.getAddress();
        if (ip == null) {
            throw new AdminRefused(what + " cannot listen on " + address.getHostString()
                    + ": the name is not known. Give an IP address.");
        }
        if (!options.joins()) {
            probe(what, address);
        }
        WebServerConfig.Builder builder = WebServer.builder()
                .address(ip)
                .port(address.getPort())
                // The process has one orderly way to stop, and it is not this library's.
                .shutdownHook(false)
                .shutdownGracePeriod(Duration.ofMillis(200))
                .maxTcpConnections(options.connectionsMax())
                .idleConnectionTimeout(options.idleTimeout())
                .idleConnectionPeriod(Duration.ofSeconds(1))
                .backlog(128)
                // For the one that takes this process's place: it listens before this one stops. Nobody else comes
                // beside it, as
                // each start looks first whether the address is free.
                .putListenerSocketOption(StandardSocketOptions.SO_REUSEPORT, true)
                .connectionOptions(connections.watching(
                        SocketOptions.builder().tcpNoDelay(true).build()))
                .directHandlers(problems(ids))
                .addProtocol(Http1Config.builder()
                        .maxHeadersSize(HEAD_BYTES_MAX)
                        .maxPrologueLength(REQUEST_LINE_BYTES_MAX)
                        .build())
                .addProtocol(Http2Config.builder()
                        .maxHeaderListSize(HEAD_BYTES_MAX)
                        .maxConcurrentStreams(HTTP2_STREAMS_MAX)
                        .sendErrorDetails(false)
                        // A stream waits for its window where a connection waits for its socket.
                        .flowControlTimeout(options.writeTimeout())
                        .build())
                .routing(HttpRouting.builder().any((request, response) -> {
                    SocketAddress peer = request.remotePeer().address();
                    connections.began(peer);
                    try {
                        handler.handle(request, response);
                    } finally {
                        connections.ended(peer, isClosing(request.headers()) || isClosing(response.headers()));
                    }
                }));
        options.tls()
                .ifPresent(tls -> builder.tls(Tls.builder()
                        .sslContext(tls.context())
                        .addEnabledProtocol("TLSv1.3")
                        .addEnabledProtocol("TLSv1.2")
                        .endpointIdentificationAlgorithm(Tls.ENDPOINT_IDENTIFICATION_NONE)
                        .build()));
        try {
            return new Listening(builder.build().start(), connections);
        } catch (RuntimeException failed) {
            connections.close();
            throw new AdminRefused(what + " cannot listen on " + text(address) + ": " + failed.getMessage(), failed);
        }
    }

    private static boolean isClosing(Headers headers) {
        return headers.contains(HeaderValues.CONNECTION_CLOSE);
    }

    int port() {
        return server.port();
    }

    @Override
    public void close() {
        connections.close();
        server.stop();
    }

    /** Says clearly that someone is there already; the library would set address reuse and say it in its own words. */
    private static void probe(String what, InetSocketAddress address) throws AdminRefused {
        try (ServerSocket probe = new ServerSocket()) {
            probe.setReuseAddress(true);
            probe.bind(address);
        } catch (IOException taken) {
            throw new AdminRefused(
                    what + " cannot listen on " + text(address) + ": " + taken.getMessage()
                            + ". Choose another address, or stop what listens there.",
                    taken);
        }
    }

    static String text(InetSocketAddress address) {
        String host = address.getAddress() == null
                ? address.getHostString()
                : address.getAddress().getHostAddress();
        return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + address.getPort();
    }

    /** What never becomes a request is refused in the same words as everything else. */
    private static DirectHandlers problems(RequestIds ids) {
        DirectHandler handler = (request, type, status, headers, message) -> {
            String id = ids.next();
            // The library refuses every content coding it has no decoder for, which is all of them, before any handler.
            boolean isEncoded = status.code() == 400 && request.headers().contains(HeaderNames.CONTENT_ENCODING);
            int code = isEncoded ? 415 : status.code();
            String title = switch (code) {
                case 404 -> "There is nothing here";
                case 413 -> "The body is too large";
                case 431 -> "The head is too large";
                default -> code < 500 ? "The request is malformed" : "A fault of ours";
            };
            ApiProblem problem = ApiProblem.of(code, code < 500 ? "malformed" : "internal", title);
            return DirectHandler.TransportResponse.builder()
                    .status(Status.create(code))
                    .headers(headers)
                    .header(HeaderNames.CONTENT_TYPE, ApiProblem.CONTENT_TYPE)
                    .header(HeaderNames.create("X-Request-Id"), id)
                    .keepAlive(false)
                    .entity(JsonText.write(problem.body(id)))
                    .build();
        };
        DirectHandlers.Builder all = DirectHandlers.builder();
        for (DirectHandler.EventType type : DirectHandler.EventType.values()) {
            all.addHandler(type, handler);
        }
        return all.build();
    }
}
