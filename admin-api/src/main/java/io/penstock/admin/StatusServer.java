package io.penstock.admin;

import io.helidon.http.Status;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import io.penstock.admin.resource.EnginePort;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;

/**
 * What orchestrators and monitors ask, on a port of its own and without a token: {@code /livez}, {@code /readyz},
 * {@code /startupz}, {@code /metrics}. Nothing here asks a worker, so that it answers when workers are stuck.
 */
public final class StatusServer implements AutoCloseable {
    private static final String METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8";
    private static final String TEXT = "text/plain; charset=utf-8";

    private final EnginePort engine;
    private final Listening server;
    private final InetSocketAddress address;

    // True from the first time on: a startup is over once.
    private volatile boolean hasStarted;

    /**
     * Listens.
     *
     * @throws AdminRefused if the address cannot be listened on
     */
    public StatusServer(EnginePort engine, InetSocketAddress listenAddress) throws AdminRefused {
        this(engine, listenAddress, false);
    }

    /**
     * Listens.
     *
     * @param joins whether another process of this user may listen there already, whose place this one takes
     * @throws AdminRefused if the address cannot be listened on
     */
    public StatusServer(EnginePort engine, InetSocketAddress listenAddress, boolean joins) throws AdminRefused {
        this.engine = engine;
        AdminOptions options = new AdminOptions(
                listenAddress,
                Optional.empty(),
                256,
                256,
                Duration.ofSeconds(5),
                Duration.ofSeconds(5),
                Duration.ofSeconds(30),
                Duration.ofSeconds(75),
                joins);
        RequestIds ids = new RequestIds(Clock.systemUTC(), new SecureRandom());
        this.server = Listening.open(
                "the status port",
                options,
                ids,
                new Connections("status", options.readTimeout(), options.idleTimeout()),
                this::handle);
        this.address = new InetSocketAddress(listenAddress.getAddress(), server.port());
    }

    /** Where it listens, with the port that the system chose. */
    public InetSocketAddress address() {
        return address;
    }

    private void handle(ServerRequest request, ServerResponse response) {
        String method = request.prologue().method().text();
        boolean isRead = method.equals("GET") || method.equals("HEAD");
        switch (request.prologue().uriPath().rawPath()) {
            case "/livez" -> send(response, isRead, 200, TEXT, "alive\n");
            case "/readyz" -> ready(response, isRead);
            case "/startupz" -> started(response, isRead);
            case "/metrics" -> send(response, isRead, 200, METRICS_TYPE, isRead ? engine.metricsText() : "");
            default -> send(response, true, 404, TEXT, "here are /livez, /readyz, /startupz and /metrics\n");
        }
    }

    private void ready(ServerResponse response, boolean isRead) {
        EnginePort.EngineView view = engine.engine();
        hasStarted |= view.ready();
        String text = view.phase() + ", revision " + view.revision()
                + (view.stuckWorkers() > 0 ? ", " + view.stuckWorkers() + " workers stuck" : "")
                + ", plugins " + view.plugins() + "\n";
        send(response, isRead, view.ready() ? 200 : 503, TEXT, text);
    }

    private void started(ServerResponse response, boolean isRead) {
        hasStarted = hasStarted || engine.engine().ready();
        send(response, isRead, hasStarted ? 200 : 503, TEXT, hasStarted ? "started\n" : "starting\n");
    }

    private static void send(ServerResponse response, boolean isRead, int status, String type, String text) {
        response.status(Status.create(isRead ? status : 405));
        response.header("Content-Type", type);
        response.header("Cache-Control", "no-store");
        if (isRead) {
            response.send(text.getBytes(StandardCharsets.UTF_8));
        } else {
            response.header("Allow", "GET, HEAD");
            response.send();
        }
    }

    @Override
    public void close() {
        server.close();
    }
}
