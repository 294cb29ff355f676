package io.penstock.admin;

import io.helidon.webserver.CloseConnectionException;
import io.penstock.admin.resource.ApiReply;
import java.io.IOException;
import java.io.OutputStream;
import java.net.SocketAddress;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The body of an answer that is made while it is sent. A caller who takes nothing of it for a while is left, since he holds what it is
 * made of. One that breaks off ends with its connection, and never with a last chunk, by which it would look whole (RFC 9112, 8).
 * The request's thread only.
 */
final class StreamedBody extends OutputStream {
    private static final Logger LOG = LoggerFactory.getLogger(StreamedBody.class);

    private final OutputStream out;
    private final Connections connections;
    private final SocketAddress peer;
    private final Duration within;
    private boolean hasNoReader;

    StreamedBody(OutputStream out, Connections connections, SocketAddress peer, Duration within) {
        this.out = out;
        this.connections = connections;
        this.peer = peer;
        this.within = within;
    }

    /**
     * Sends all of it.
     *
     * @throws CloseConnectionException if it broke off; the connection is closed then
     */
    void send(String id, ApiReply.StreamWriter writer) {
        try {
            writer.write(this);
            toReader(out::close);
        } catch (IOException | RuntimeException | Error broken) {
            connections.cut(peer);
            if (hasNoReader) {
                // Told by whom it is a matter of: most streams end by their reader's going away.
                LOG.debug(
                        "The answer to request {} broke off, as its reader left or took nothing for {}",
                        id,
                        within,
                        broken);
            } else {
                LOG.error(
                        "The answer to request {} broke off by a fault of ours; its connection is closed", id, broken);
            }
            throw new CloseConnectionException("an answer broke off", new IOException(broken));
        }
    }

    /** Something that waits for the reader. */
    @FunctionalInterface
    private interface Step {
        void run() throws IOException;
    }

    private void toReader(Step step) throws IOException {
        connections.writes(peer, this, within);
        try {
            step.run();
        } catch (IOException | RuntimeException failed) {
            hasNoReader = true;
            throw new IOException("nobody reads the answer, or nobody did for " + within.toMillis() + " ms", failed);
        } finally {
            connections.wrote(peer, this);
        }
    }

    @Override
    public void write(int octet) throws IOException {
        toReader(() -> out.write(octet));
    }

    @Override
    public void write(byte[] bytes, int from, int count) throws IOException {
        toReader(() -> out.write(bytes, from, count));
    }

    @Override
    public void flush() throws IOException {
        toReader(out::flush);
    }
}
