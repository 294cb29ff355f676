package io.penstock.http2;

import io.penstock.http.ByteBuilder;
import io.penstock.mark.WorkerConfined;
import java.util.ArrayDeque;

/**
 * What leaves on one connection: frames, the window that all its streams share, and whose turn it is. Heads and control
 * frames leave at once. Bodies leave while the peer takes bytes and both windows are open; a stream whose body has to wait
 * joins a queue, and each in it sends a frame when its turn comes, so that one long body does not hold up the others.
 */
@WorkerConfined
public abstract class FrameSender {
    /** What a frame of body holds at most: what every peer takes, and little enough to take turns. */
    protected static final int FRAME_BYTES_MAX = 16 * 1024;

    /** A body that has to wait. */
    public interface Waiting {
        /** It may send a frame now; if it has more, it waits again. */
        void turn();
    }

    private final PeerSettings peer;
    private final PeerBudget budget;
    private final HpackEncoder encoder = new HpackEncoder();
    private final ArrayDeque<Waiting> waiting = new ArrayDeque<>(4);
    private long window = PeerSettings.WINDOW_BYTES;
    private boolean isPumping;

    /** A sender to a peer that has said so much of itself. */
    protected FrameSender(PeerSettings peer, PeerBudget budget) {
        this.peer = peer;
        this.budget = budget;
    }

    /** Empty bytes to compose output in; used up by {@link #send}. */
    protected abstract ByteBuilder output();

    /** Sends what was composed in {@link #output}. */
    public abstract void send(ByteBuilder out);

    /** Whether the peer's socket takes bytes. */
    protected abstract boolean isSendable();

    // ---- frames ----

    /** Begins a section of fields, which go into {@link #encoder()}. */
    protected final ByteBuilder beginHeaders() {
        ByteBuilder out = output();
        FrameWriter.header(0, FrameType.HEADERS, 0, 0, out);
        encoder.begin(out);
        return out;
    }

    /** Sends a section of fields. */
    protected final void endHeaders(int streamId, boolean isLast, ByteBuilder out) {
        FrameWriter.headers(0, streamId, isLast, peer.frameBytesMax(), out);
        send(out);
    }

    /** Takes the fields of a section. */
    protected final HpackEncoder encoder() {
        return encoder;
    }

    /** Sends the head of a frame of so many bytes, which follow. */
    protected final void dataHeader(int streamId, int length, boolean isLast) {
        ByteBuilder out = output();
        FrameWriter.header(length, FrameType.DATA, isLast ? FrameType.END_STREAM : 0, streamId, out);
        send(out);
    }

    /** So many bytes of body have left. */
    protected final void bodySent(int length) {
        window -= length;
        budget.bodySent(length);
    }

    /** Ends a stream before its time. */
    public final void reset(int streamId, ErrorCode why) {
        ByteBuilder out = output();
        FrameWriter.resetStream(streamId, why, out);
        send(out);
    }

    /** Lets the peer send so many bytes more, on one stream or, with 0, on all together. */
    public final void windowUpdate(int streamId, int bytes) {
        ByteBuilder out = output();
        FrameWriter.windowUpdate(streamId, bytes, out);
        send(out);
    }

    /** Asks whether the peer is there, or answers that we are. */
    public final void ping(long opaque, boolean isAck) {
        ByteBuilder out = output();
        FrameWriter.ping(opaque, isAck, out);
        send(out);
    }

    /** No stream after that one is served. */
    public final void goAway(int lastStreamId, ErrorCode why) {
        ByteBuilder out = output();
        FrameWriter.goAway(lastStreamId, why, out);
        send(out);
    }

    /** The peer has new settings, which are acknowledged. */
    public final void settingsTaken() {
        encoder.peerTable(peer.headerTableBytes());
        ByteBuilder out = output();
        FrameWriter.settingsAck(out);
        send(out);
    }

    // ---- what may leave ----

    /** How much of so many bytes may leave now, as far as all streams are concerned. */
    public final int allowed(long bytes) {
        return isSendable() ? (int) Math.max(0, Math.min(bytes, window)) : 0;
    }

    /** Whether the connection as a whole takes body. */
    public final boolean isOpen() {
        return window > 0 && isSendable();
    }

    /** The peer opens the connection's window. @return whether it may */
    public final boolean opened(int bytes) {
        window += bytes;
        return window <= Integer.MAX_VALUE;
    }

    /** A stream waits for its turn. */
    public final void await(Waiting body) {
        waiting.addLast(body);
    }

    /** A stream waits no more. */
    public final void forget(Waiting body) {
        waiting.remove(body);
    }

    /** Lets streams send in turn, while anything may leave. */
    public final void pump() {
        if (isPumping) {
            return;
        }
        isPumping = true;
        try {
            while (isOpen()) {
                Waiting next = waiting.pollFirst();
                if (next == null) {
                    return;
                }
                next.turn();
            }
        } finally {
            isPumping = false;
        }
    }
}
