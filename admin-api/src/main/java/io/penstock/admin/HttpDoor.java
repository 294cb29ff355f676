package io.penstock.admin;

import io.helidon.common.buffers.DataReader;
import io.helidon.http.HeaderNames;
import io.helidon.http.HttpPrologue;
import io.helidon.http.Status;
import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import io.penstock.admin.resource.AdminApi;
import io.penstock.admin.resource.ApiProblem;
import io.penstock.admin.resource.ApiReply;
import io.penstock.admin.resource.JsonText;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Between HTTP and the API: bodies within bounds, answers and problems as they are meant. Any virtual thread. */
final class HttpDoor implements Handler {
    private static final Logger LOG = LoggerFactory.getLogger(HttpDoor.class);

    // Null while another process takes this one's place; replaced as a whole by the one thread that opens and closes.
    private volatile @Nullable AdminApi api;
    private final RequestIds ids;
    private final Connections connections;
    private final Duration bodyTimeout;
    private final Duration writeTimeout;
    private final Semaphore requests;
    private final int requestsMax;

    HttpDoor(AdminApi api, RequestIds ids, Connections connections, AdminOptions options) {
        this.api = api;
        this.ids = ids;
        this.connections = connections;
        this.bodyTimeout = options.bodyTimeout();
        this.writeTimeout = options.writeTimeout();
        this.requests = new Semaphore(options.requestsMax());
        this.requestsMax = options.requestsMax();
    }

    /** What answers from now on. */
    void opened(AdminApi answering) {
        api = answering;
    }

    /**
     * Refuses everything from now on, and waits for what is under way.
     *
     * @return whether all of it ended in time
     */
    boolean suspend(Duration atMost) {
        AdminApi open = api;
        api = null;
        if (open != null) {
            open.close();
        }
        try {
            boolean isIdle = requests.tryAcquire(requestsMax, atMost.toMillis(), TimeUnit.MILLISECONDS);
            if (isIdle) {
                requests.release(requestsMax);
            }
            return isIdle;
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    @Override
    public void handle(ServerRequest request, ServerResponse response) {
        String id = ids.next();
        RequestBody body = new RequestBody(request, connections, bodyTimeout);
        boolean hasRoom = requests.tryAcquire();
        try {
            if (!hasRoom) {
                throw ApiProblem.busy("Too many requests are under way", 1);
            }
            send(request, response, id, answer(request, body, id));
        } catch (ApiProblem problem) {
            send(request, response, id, problem);
        } catch (RuntimeException failed) {
            if (response.isSent() || isBroken(failed)) {
                // The caller went away or was too slow: nobody is left to be told.
                LOG.debug("Request {} broke off", id, failed);
                throw failed;
            }
            LOG.error("Request {} failed by a fault of ours", id, failed);
            send(
                    request,
                    response,
                    id,
                    ApiProblem.of(500, "internal", "A fault of ours; the log has it under the request's id"));
        } finally {
            if (hasRoom) {
                requests.release();
            }
        }
        body.discardRefused();
    }

    private ApiReply answer(ServerRequest request, RequestBody body, String id) {
        HttpPrologue prologue = request.prologue();
        AdminApi answering = api;
        if (answering == null) {
            throw ApiProblem.of(
                            503,
                            "restarting",
                            "Another process takes this gateway's place; traffic is served meanwhile")
                    .header("Retry-After", "2");
        }
        return answering.answer(
                prologue.method().text(),
                prologue.uriPath().rawPath(),
                prologue.hasQuery() ? prologue.query().rawValue() : "",
                name -> header(request, name),
                body,
                address(request.remotePeer().address()),
                id);
    }

    private static Optional<String> header(ServerRequest request, String name) {
        var header = HeaderNames.create(name);
        return request.headers().contains(header)
                ? Optional.of(String.join(", ", request.headers().get(header).allValues()))
                : Optional.empty();
    }

    private static boolean isBroken(Throwable failed) {
        for (Throwable cause = failed; cause != null; cause = cause.getCause()) {
            if (cause instanceof IOException || cause instanceof DataReader.InsufficientDataAvailableException) {
                return true;
            }
        }
        return false;
    }

    private void send(ServerRequest request, ServerResponse response, String id, ApiReply reply) {
        head(response, reply.status(), id, reply.headers());
        boolean isHead = request.prologue().method().text().equals("HEAD");
        switch (reply.body()) {
            case ApiReply.None none -> response.send();
            case ApiReply.Bytes bytes -> {
                response.header("Content-Type", bytes.contentType());
                if (isHead) {
                    response.header("Content-Length", Integer.toString(bytes.content().length));
                    response.send();
                } else {
                    response.send(bytes.content());
                }
            }
            case ApiReply.Stream stream -> {
                response.header("Content-Type", stream.contentType());
                if (isHead) {
                    response.send();
                    return;
                }
                StreamedBody body = new StreamedBody(
                        response.outputStream(),
                        connections,
                        request.remotePeer().address(),
                        writeTimeout);
                body.send(id, stream.writer());
            }
        }
    }

    private static void send(ServerRequest request, ServerResponse response, String id, ApiProblem problem) {
        head(response, problem.status(), id, problem.headers());
        response.header("Content-Type", ApiProblem.CONTENT_TYPE);
        if (request.prologue().method().text().equals("HEAD")) {
            response.send();
        } else {
            response.send(JsonText.write(problem.body(id)));
        }
    }

    private static void head(ServerResponse response, int status, String id, Map<String, String> headers) {
        response.status(Status.create(status));
        response.header("X-Request-Id", id);
        response.header("X-Content-Type-Options", "nosniff");
        if (!headers.containsKey("Cache-Control")) {
            response.header("Cache-Control", "no-cache");
        }
        headers.forEach(response::header);
    }

    private static String address(SocketAddress address) {
        return address instanceof InetSocketAddress inet && inet.getAddress() != null
                ? inet.getAddress().getHostAddress()
                : address.toString();
    }
}
