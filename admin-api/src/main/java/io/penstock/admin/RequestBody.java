package io.penstock.admin;

import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.ServerRequest;
import io.penstock.admin.resource.ApiProblem;
import io.penstock.admin.resource.ApiRequest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.SocketAddress;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The body of one request: read whole within its bounds, or refused and thrown away. The request's thread only. */
final class RequestBody implements ApiRequest.BodySource {
    /** What of a refused body is taken off the wire so that its sender gets to the answer. */
    static final long DISCARDED_BYTES_MAX = 64L << 20;

    private static final Logger LOG = LoggerFactory.getLogger(RequestBody.class);
    private static final int BUFFER_BYTES = 16 * 1024;

    private final ServerRequest request;
    private final Connections connections;
    private final Duration timeout;
    private @Nullable InputStream content;
    private boolean isRefused;

    RequestBody(ServerRequest request, Connections connections, Duration timeout) {
        this.request = request;
        this.connections = connections;
        this.timeout = timeout;
    }

    @Override
    public byte[] read(int bytesMax) {
        long declared = declared(bytesMax);
        // What was declared is no promise: memory is taken as bytes come.
        ByteArrayOutputStream body = new ByteArrayOutputStream((int) Math.min(declared, BUFFER_BYTES));
        try {
            copy(body, bytesMax, false);
        } catch (IOException unheard) {
            throw new IllegalStateException("memory does not fail like a file", unheard);
        }
        return body.toByteArray();
    }

    @Override
    public long transferTo(OutputStream to, long bytesMax) throws IOException {
        declared(bytesMax);
        isRefused = true;
        long length = copy(to, bytesMax, true);
        isRefused = false;
        return length;
    }

    private long declared(long bytesMax) {
        long declared = request.headers().contentLength().orElse(0);
        if (declared > bytesMax) {
            throw tooLarge(bytesMax);
        }
        return declared;
    }

    /** @param isLong whether it may take its time, as long as it goes on */
    private long copy(OutputStream to, long bytesMax, boolean isLong) throws IOException {
        if (!request.content().hasEntity()) {
            return 0;
        }
        SocketAddress peer = request.remotePeer().address();
        connections.readsBody(peer, timeout);
        byte[] buffer = new byte[BUFFER_BYTES];
        long length = 0;
        for (int read = next(buffer); read >= 0; read = next(buffer)) {
            length += read;
            if (length > bytesMax) {
                throw tooLarge(bytesMax);
            }
            to.write(buffer, 0, read);
            if (isLong) {
                connections.readsBody(peer, timeout);
            }
        }
        connections.hasBody(peer);
        return length;
    }

    private int next(byte[] buffer) {
        try {
            return content().read(buffer);
        } catch (IOException broken) {
            throw new UncheckedIOException(broken);
        }
    }

    // The library gives it once.
    private InputStream content() {
        InputStream open = content;
        if (open == null) {
            open = request.content().inputStream();
            content = open;
        }
        return open;
    }

    private ApiProblem tooLarge(long bytesMax) {
        isRefused = true;
        ApiProblem problem = ApiProblem.of(413, "too-large", "The body is longer than " + bytesMax + " bytes");
        // A field of connections, which makes a message of HTTP/2 malformed (RFC 9113, 8.2.2).
        return isStream() ? problem : problem.header("Connection", "close");
    }

    /**
     * Takes the rest of a refused body off the wire, once its answer is sent. A sender that has not come to its end does not
     * read, and a connection that is closed over unread bytes is reset, which throws the answer away (RFC 9112, 9.6).
     */
    void discardRefused() {
        // A sender that waits for leave to send will not, and streams of HTTP/2 end without their connection.
        boolean isSending = content != null || !request.headers().contains(HeaderNames.EXPECT);
        if (!isRefused || !isSending || isStream()) {
            return;
        }
        SocketAddress peer = request.remotePeer().address();
        connections.readsBody(peer, timeout);
        byte[] buffer = new byte[BUFFER_BYTES];
        try {
            InputStream in = content();
            long discarded = 0;
            for (int read = in.read(buffer); read >= 0 && discarded < DISCARDED_BYTES_MAX; read = in.read(buffer)) {
                discarded += read;
            }
        } catch (IOException | RuntimeException broken) {
            LOG.debug("The sender of a refused body broke off", broken);
        }
        connections.hasBody(peer);
    }

    private boolean isStream() {
        return !request.prologue().protocolVersion().startsWith("1");
    }
}
