package io.penstock.downstream;

import io.penstock.mark.WorkerConfined;
import io.penstock.metrics.Counter;
import io.penstock.transport.quic.QuicAcceptor;
import io.penstock.transport.quic.QuicBounds;
import io.penstock.transport.quic.QuicConnection;
import io.penstock.transport.quic.QuicHandler;
import io.penstock.transport.tls.ServerContext;
import org.jspecify.annotations.Nullable;

/** How clients of HTTP/3 come to a listener on one worker. What it shows them is what its slot shows now. */
@WorkerConfined
record QuicWayIn(DownstreamContext context, ListenerSlot slot) implements QuicAcceptor {
    /**
     * How long a client may be silent, requests under way or not. Ours is the longer of both sides' in any case, and a connection
     * without requests ends by the listener's keepAlive.
     */
    private static final long SILENCE_MS = 120_000;

    /** What a client may have on its way that nobody took. QUIC lets both grow where it is taken quickly. */
    private static final int STREAM_WINDOW_BYTES = 256 * 1024;

    private static final int WINDOW_BYTES = 1024 * 1024;

    static final QuicBounds BOUNDS =
            new QuicBounds(Http2Streams.OPEN_MAX, STREAM_WINDOW_BYTES, WINDOW_BYTES, SILENCE_MS);

    @Override
    public @Nullable QuicHandler accepted(QuicConnection connection) {
        return slot.accept(connection);
    }

    @Override
    public @Nullable ServerContext shown(@Nullable String serverName) {
        return slot.shown(serverName);
    }

    @Override
    public long handshakeTimeoutNs() {
        return slot.current().tlsHandshakeTimeoutNs();
    }

    @Override
    public void dropped(int packets) {
        context.counters().add(Counter.QUIC_PACKETS_DROPPED, packets);
    }

    @Override
    public void passedOn(int packets) {
        context.counters().add(Counter.QUIC_PACKETS_PASSED_ON, packets);
    }

    @Override
    public void addressAsked() {
        context.counters().add(Counter.QUIC_ADDRESSES_ASKED);
    }
}
