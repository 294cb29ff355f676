package io.penstock.engine;

import io.penstock.config.ActiveHealthConfig;
import io.penstock.config.HostPort;
import io.penstock.config.HttpCheckConfig;
import io.penstock.config.UpstreamProtocol;
import io.penstock.discovery.HealthCheck;
import io.penstock.transport.proxy.ProxyHeaderWriter;
import io.penstock.transport.tls.ClientContext;
import io.penstock.transport.tls.TlsFacts;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Function;
import javax.net.ssl.SSLSocket;

/**
 * Asks endpoints how they are, each question on a virtual thread and a connection of its own: checks hold up no worker, and
 * a worker that is stuck holds up no check. How many there are at once is bounded by who asks.
 *
 * <p>A whole check has one deadline, so that an endpoint that trickles gains nothing. Of an answer its head is read, up to
 * {@link #HEAD_BYTES_MAX}; only its status counts. {@link Http2Probe} asks by HTTP/2, {@link GrpcHealth} a health service of gRPC.
 */
final class HealthProber implements HealthCheck, AutoCloseable {
    static final int HEAD_BYTES_MAX = 16 * 1024;

    private final String agent;
    private final Function<String, Optional<ClientContext>> tls;
    private final SocketDeadlines deadlines = new SocketDeadlines();
    private final ExecutorService threads = Executors.newThreadPerTaskExecutor(
            Thread.ofVirtual().name("penstock-health-", 0).factory());

    /**
     * Asks nobody yet.
     *
     * @param version of this build, which checks say in User-Agent
     * @param tls how TLS is spoken with an upstream's endpoints, by its name; any thread
     */
    HealthProber(String version, Function<String, Optional<ClientContext>> tls) {
        this.tls = tls;
        this.agent = "penstock-health/" + version;
    }

    @Override
    public CompletionStage<Answer> ask(Question question) {
        try {
            return CompletableFuture.supplyAsync(() -> answer(question), threads);
        } catch (RejectedExecutionException closed) {
            return CompletableFuture.completedFuture(new Answer(false, "the engine is closed"));
        }
    }

    private Answer answer(Question question) {
        Duration timeout = question.check().pace().timeout();
        Deadline deadline = new Deadline(System.nanoTime() + timeout.toNanos());
        try (Socket socket = new Socket();
                SocketDeadlines.Armed _ = deadlines.arm(socket, timeout)) {
            socket.connect(question.address(), deadline.leftMs());
            if (question.proxyProtocol().isPresent()) {
                socket.getOutputStream()
                        .write(ProxyHeaderWriter.local(question.proxyProtocol().get()));
            }
            Optional<ClientContext> secured = tls.apply(question.upstream());
            if (secured.isEmpty()) {
                return ask(socket, question, deadline);
            }
            socket.setSoTimeout(deadline.leftMs());
            String host = HostPort.parse(question.authority()).host();
            try (Socket over = secured.get().over(socket, host)) {
                return ask(over, question, deadline);
            }
        } catch (RejectedExecutionException closed) {
            return new Answer(false, "the engine is closed");
        } catch (IOException broken) {
            if (broken instanceof SocketTimeoutException || deadline.isOver()) {
                return new Answer(false, "no answer within " + timeout.toMillis() + " ms");
            }
            String message = broken.getMessage();
            return new Answer(false, message == null ? "the connection broke" : message);
        }
    }

    private Answer ask(Socket socket, Question question, Deadline deadline) throws IOException {
        ActiveHealthConfig check = question.check();
        if (check.grpc().isPresent()) {
            return GrpcHealth.ask(socket, check.grpc().get(), question.authority(), agent, deadline);
        }
        if (check.http().isEmpty()) {
            return new Answer(true, "the connection was taken");
        }
        HttpCheckConfig http = check.http().get();
        return speaksHttp2(question.protocol(), socket)
                ? askByHttp2(socket, http, question.authority(), deadline)
                : askByHttp1(socket, http, question.authority(), deadline);
    }

    // By TLS it is what both chose; an endpoint that has chosen nothing where HTTP/2 is wanted hears it nevertheless,
    // and fails.
    private static boolean speaksHttp2(UpstreamProtocol protocol, Socket socket) {
        return switch (protocol) {
            case HTTP1 -> false;
            case HTTP2 -> true;
            case AUTO ->
                socket instanceof SSLSocket secured && TlsFacts.HTTP_2.equals(secured.getApplicationProtocol());
        };
    }

    private Answer askByHttp2(Socket socket, HttpCheckConfig check, String authority, Deadline deadline)
            throws IOException {
        String[] head = {
            ":method",
            "GET",
            ":scheme",
            socket instanceof SSLSocket ? "https" : "http",
            ":authority",
            check.host().orElse(authority),
            ":path",
            check.path(),
            "user-agent",
            agent,
            "accept",
            "*/*"
        };
        int status = Http2Probe.ask(socket, deadline, head, new byte[0], true).status();
        return status == 0 ? new Answer(false, "its answer has no status") : judged(status, check);
    }

    private static Answer judged(int status, HttpCheckConfig check) {
        boolean isExpected = check.expectedStatuses().stream().anyMatch(range -> range.contains(status));
        return new Answer(isExpected, "status " + status);
    }

    private Answer askByHttp1(Socket socket, HttpCheckConfig check, String authority, Deadline deadline)
            throws IOException {
        String request = "GET " + check.path() + " HTTP/1.1\r\nHost: "
                + check.host().orElse(authority) + "\r\nUser-Agent: " + agent
                + "\r\nAccept: */*\r\nConnection: close\r\n\r\n";
        socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
        String head = readHead(socket, deadline);
        int end = head.indexOf("\r\n");
        String line = end < 0 ? head : head.substring(0, end);
        if (!line.matches("HTTP/1\\.[01] [1-5][0-9]{2}( .*)?")) {
            return new Answer(false, line.isEmpty() ? "it closed without an answer" : "its answer is no HTTP/1");
        }
        return judged(Integer.parseInt(line.substring(9, 12)), check);
    }

    // Up to the end of the head, which spares an endpoint that writes it in parts a broken connection.
    private static String readHead(Socket socket, Deadline deadline) throws IOException {
        InputStream input = socket.getInputStream();
        byte[] bytes = new byte[HEAD_BYTES_MAX];
        int count = 0;
        String head = "";
        while (count < bytes.length && !head.contains("\r\n\r\n")) {
            socket.setSoTimeout(deadline.leftMs());
            int more = input.read(bytes, count, bytes.length - count);
            if (more < 0) {
                break;
            }
            count += more;
            head = new String(bytes, 0, count, StandardCharsets.ISO_8859_1);
        }
        return head;
    }

    /** By when a whole check has to be over. */
    record Deadline(long ns) {
        boolean isOver() {
            return ns - System.nanoTime() <= 0;
        }

        /** How long a call may block, at least 1. @throws SocketTimeoutException if it is over */
        int leftMs() throws SocketTimeoutException {
            long leftNs = ns - System.nanoTime();
            if (leftNs <= 0) {
                throw new SocketTimeoutException();
            }
            return (int) Math.max(1, Duration.ofNanos(leftNs).toMillis());
        }
    }

    @Override
    public void close() {
        threads.shutdownNow();
        deadlines.close();
    }
}
