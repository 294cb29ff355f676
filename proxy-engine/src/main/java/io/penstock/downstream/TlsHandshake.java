package io.penstock.downstream;

import io.penstock.mark.WorkerConfined;
import io.penstock.metrics.Counter;
import io.penstock.metrics.Reason;
import io.penstock.snapshot.ListenerRuntime;
import io.penstock.transport.Channel;
import io.penstock.transport.ChannelHandler;
import io.penstock.transport.CloseCause;
import io.penstock.transport.Received;
import io.penstock.transport.tls.ServerContext;
import io.penstock.transport.tls.ServerNames;
import io.penstock.transport.tls.ServerSide;
import io.penstock.transport.tls.TlsChannel;
import io.penstock.transport.tls.TlsFacts;
import io.penstock.transport.tls.TlsFailure;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** A client's connection while its TLS handshake is under way. What is spoken over it then takes its place. */
@WorkerConfined
final class TlsHandshake extends SocketConnection {
    private static final String ADVICE = "This port speaks TLS: write https:// instead of http://\n";

    /** For a request in clear text: whoever sent it reads nothing else. */
    private static final byte[] IN_CLEAR = ("HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\nContent-Length: "
                    + ADVICE.length() + "\r\nX-Penstock-Reason: " + Reason.CLEAR_TEXT.code()
                    + "\r\nConnection: close\r\n\r\n" + ADVICE)
            .getBytes(StandardCharsets.US_ASCII);

    /** {@code unrecognized_name}, fatal (RFC 6066 section 3): for a name whose certificate is not issued yet. */
    private static final byte[] UNRECOGNIZED_NAME = {21, 3, 3, 0, 2, 2, 112};

    private final DownstreamContext context;
    private final ListenerSlot slot;
    private final Channel socket;
    private final long timeoutNs;
    private final TlsChannel secure;
    private boolean isCounted;
    private boolean isDraining;

    /**
     * The beginning of a connection.
     *
     * @param socket what was accepted
     * @param contexts what may be shown
     */
    TlsHandshake(DownstreamContext context, ListenerSlot slot, Channel socket, ServerNames<ServerContext> contexts) {
        ListenerRuntime listener = slot.current();
        this.context = context;
        this.slot = slot;
        this.socket = socket;
        this.timeoutNs = listener.tlsHandshakeTimeoutNs();
        this.secure = new TlsChannel(socket, context.tlsMemory(), new Side(contexts));
        secure.handler(this);
    }

    // Now, and when the handshake is done.
    @Override
    ChannelHandler ofSocket() {
        return secure;
    }

    private final class Side extends ServerSide {
        Side(ServerNames<ServerContext> contexts) {
            super(contexts);
        }

        @Override
        public long handshakeTimeoutNs() {
            return timeoutNs;
        }

        @Override
        protected @Nullable ServerContext proof(String name) {
            return context.proofs().current().contextFor(name);
        }

        @Override
        protected void done(TlsFacts facts) {
            isCounted = true;
            if (facts.protocol().equals(TlsFacts.ACME_TLS)) {
                // The handshake was the proof: nothing is spoken behind it.
                context.counters().add(Counter.TLS_PROOFS);
                context.loop().post(secure::close);
                return;
            }
            context.counters().add(facts.isResumed() ? Counter.TLS_HANDSHAKES_RESUMED : Counter.TLS_HANDSHAKES_FULL);
            SocketConnection spoken = slot.spoken(secure, facts);
            slot.became(TlsHandshake.this, spoken);
            secure.handler(spoken);
            if (isDraining) {
                // After it has heard that it is open.
                context.loop().post(spoken::drainConnection);
            }
        }

        @Override
        public void failed(TlsFailure cause, SSLException why) {
            isCounted = true;
            context.counters().add(counter(cause, why));
            if (isClearText()) {
                context.counters().refused(Reason.CLEAR_TEXT);
                socket.send(IN_CLEAR, 0, IN_CLEAR.length);
            } else if (isUnserved()) {
                socket.send(UNRECOGNIZED_NAME, 0, UNRECOGNIZED_NAME.length);
            }
        }

        private Counter counter(TlsFailure cause, SSLException why) {
            return switch (cause) {
                case TIMEOUT -> Counter.TLS_FAILURES_TIMEOUT;
                case CLOSED -> Counter.TLS_FAILURES_CLOSED;
                case REFUSED -> {
                    if (isClearText()) {
                        yield Counter.TLS_FAILURES_CLEAR_TEXT;
                    }
                    // Both libraries have no better word for it than this.
                    boolean isPeers = String.valueOf(why.getMessage())
                            .toLowerCase(Locale.ROOT)
                            .contains("alert");
                    yield isPeers ? Counter.TLS_FAILURES_ALERT : Counter.TLS_FAILURES_REFUSED;
                }
            };
        }
    }

    @Override
    void drainConnection() {
        isDraining = true;
    }

    @Override
    void cut() {
        secure.abort();
    }

    @Override
    public void opened(Channel channel) {}

    @Override
    public int received(Channel channel, Received bytes) {
        return 0;
    }

    @Override
    public void endOfInput(Channel channel) {}

    @Override
    public void sendable(Channel channel) {}

    @Override
    public void closed(Channel channel, CloseCause cause) {
        if (!isCounted) {
            context.counters().add(Counter.TLS_FAILURES_CLOSED);
        }
        slot.closed(this);
    }
}
