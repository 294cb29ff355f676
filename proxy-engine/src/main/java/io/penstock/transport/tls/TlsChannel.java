package io.penstock.transport.tls;

import io.netty.handler.ssl.ReferenceCountedOpenSslEngine;
import io.penstock.mark.WorkerConfined;
import io.penstock.transport.Channel;
import io.penstock.transport.ChannelHandler;
import io.penstock.transport.CloseCause;
import io.penstock.transport.Loop;
import io.penstock.transport.Received;
import io.penstock.transport.Timer;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;
import org.agrona.DirectBuffer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A channel in clear over one that is encrypted (RFC 8446, RFC 5246): handler of the one below, channel of the one above. Its
 * handler hears {@code opened} once the handshake is done.
 *
 * <p>What is sent in a turn is gathered and encrypted at its end, in records as large as may be. What is decrypted goes to the
 * handler record by record; while that does not want any, records stay encrypted, below.
 *
 * <p>An end without the notice of it (RFC 8446 section 6.1) is an end of input like any other: what was under way then is
 * known to be incomplete by its own framing, as in clear.
 */
@WorkerConfined
public final class TlsChannel implements Channel, ChannelHandler {
    private static final Logger LOG = LoggerFactory.getLogger(TlsChannel.class);

    private final Channel below;
    private final TlsMemory memory;
    private final TlsSide side;
    private final HandshakeBound bound = new HandshakeBound();
    private final Runnable flushing = this::flushTurn;
    private final Runnable resuming = this::resume;
    private ChannelHandler handler = Unhandled.INSTANCE;

    /** Null until it is known who answers. */
    private @Nullable SSLEngine engine;

    /** What came of a record, or of a hello, that is not whole. */
    private @Nullable ByteBuffer partial;

    /** Decrypted bytes that the handler did not take, from position to limit. */
    private @Nullable ByteBuffer kept;

    /** This turn's output in clear. */
    private @Nullable ByteBuffer gathered;

    private boolean isOpened;
    private boolean isWanted;
    private boolean isFlushDue;
    private boolean isResumeDue;
    private boolean hasInputEnded;
    private boolean isEndTold;
    private boolean isOutputEnded;
    private boolean isOver;

    /**
     * Makes one over a channel that hands it its events.
     *
     * @param side which side of the handshake this is
     */
    public TlsChannel(Channel below, TlsMemory memory, TlsSide side) {
        this.below = below;
        this.memory = memory;
        this.side = side;
    }

    // ---- the handshake ----

    @Override
    public void opened(Channel opened) {
        loop().wheel().arm(bound, loop().nowNs() + side.handshakeTimeoutNs());
        below.receive(true);
        SSLEngine begun = side.begin();
        if (begun != null) {
            engine = begun;
            try {
                begun.beginHandshake();
                go(begun, begun.getHandshakeStatus());
            } catch (SSLException e) {
                failed(e);
            }
        }
    }

    /** Does what the handshake asks for on this side; whether bytes of the peer are wanted next. */
    private boolean go(SSLEngine with, HandshakeStatus asked) throws SSLException {
        HandshakeStatus status = asked;
        while (!isOver) {
            switch (status) {
                case NEED_WRAP -> status = wrapNothing(with);
                case NEED_TASK -> {
                    for (Runnable task = with.getDelegatedTask(); task != null; task = with.getDelegatedTask()) {
                        task.run();
                    }
                    status = with.getHandshakeStatus();
                }
                case FINISHED -> {
                    handshakeDone(with);
                    status = with.getHandshakeStatus();
                }
                case NEED_UNWRAP, NEED_UNWRAP_AGAIN, NOT_HANDSHAKING -> {
                    return true;
                }
            }
        }
        return false;
    }

    private HandshakeStatus wrapNothing(SSLEngine with) throws SSLException {
        ByteBuffer outgoing = memory.outgoing.clear();
        SSLEngineResult result = with.wrap(NOTHING, outgoing);
        sendOutgoing();
        return result.getStatus() == SSLEngineResult.Status.CLOSED
                ? HandshakeStatus.NOT_HANDSHAKING
                : result.getHandshakeStatus();
    }

    private static final ByteBuffer NOTHING = ByteBuffer.allocateDirect(0);

    private void sendOutgoing() {
        int length = memory.outgoing.position();
        if (length > 0) {
            below.send(memory.outgoingView, 0, length);
        }
    }

    private void handshakeDone(SSLEngine with) {
        if (isOpened) {
            return;
        }
        loop().wheel().disarm(bound);
        isOpened = true;
        side.done(with);
        handler.opened(this);
        if (!isOver) {
            below.receive(isWanted);
        }
    }

    /** The peer's bytes, or its credentials, will not do: it is told why, and the channel ends. */
    private void failed(SSLException why) {
        LOG.debug("TLS with {} failed", below.remoteAddress(), why);
        if (!isOpened) {
            side.failed(TlsFailure.REFUSED, why);
        }
        SSLEngine with = engine;
        isOver = true;
        if (with != null) {
            try {
                // The alert that says so (RFC 8446 section 6.2).
                with.wrap(NOTHING, memory.outgoing.clear());
                sendOutgoing();
            } catch (SSLException e) {
                LOG.debug("there is no alert", e);
            }
        }
        below.close();
    }

    // ---- from below ----

    @Override
    public int received(Channel from, Received bytes) {
        if (isOver) {
            return bytes.length();
        }
        if (kept != null) {
            return 0;
        }
        ByteBuffer incoming = memory.incoming.clear();
        ByteBuffer before = partial;
        int beforeBytes = 0;
        if (before != null) {
            beforeBytes = before.position();
            incoming.put(before.flip());
            before.limit(before.capacity()).position(beforeBytes);
        }
        bytes.buffer().getBytes(bytes.offset(), incoming, bytes.length());
        incoming.flip();
        try {
            decrypt(incoming);
        } catch (SSLException e) {
            failed(e);
        }
        if (isOver) {
            dropPartial();
            return bytes.length();
        }
        int consumed = incoming.position();
        if (kept != null) {
            // The rest stays below, encrypted.
            dropPartial();
            return consumed - beforeBytes;
        }
        keepPartial(incoming);
        return bytes.length();
    }

    private void decrypt(ByteBuffer incoming) throws SSLException {
        SSLEngine with = engine;
        if (with == null) {
            with = side.answer(incoming);
            if (with == null) {
                return;
            }
            engine = with;
            with.beginHandshake();
        }
        while (!isOver && kept == null) {
            // The next record may be the notice of the peer's end, upon which BoringSSL sends nothing more either.
            flush();
            ByteBuffer plain = memory.plain.clear();
            SSLEngineResult result = with.unwrap(incoming, plain);
            if (plain.position() > 0) {
                deliver(plain.flip());
                if (isOver) {
                    return;
                }
            }
            if (result.getStatus() == SSLEngineResult.Status.CLOSED) {
                inputEnded();
                return;
            }
            boolean goesOn = go(with, result.getHandshakeStatus());
            boolean hasMoved = result.bytesConsumed() > 0 || result.bytesProduced() > 0;
            if (!goesOn
                    || (!hasMoved
                            && result.getHandshakeStatus() != HandshakeStatus.NEED_WRAP
                            && result.getHandshakeStatus() != HandshakeStatus.NEED_TASK)) {
                return;
            }
        }
    }

    private void deliver(ByteBuffer plain) {
        if (isWanted && kept == null) {
            int taken = offer(plain);
            plain.position(plain.position() + taken);
        }
        if (plain.hasRemaining() && !isOver) {
            isWanted = false;
            below.receive(false);
            kept = memory.acquire().put(plain).flip();
        }
    }

    private int offer(ByteBuffer plain) {
        memory.received.wrap(plain);
        try {
            return handler.received(this, memory.received);
        } finally {
            memory.received.unwrap();
        }
    }

    private void keepPartial(ByteBuffer incoming) {
        ByteBuffer rest = partial;
        if (!incoming.hasRemaining()) {
            dropPartial();
            return;
        }
        if (rest == null) {
            rest = memory.acquire();
            partial = rest;
        }
        rest.clear().put(incoming);
    }

    private void dropPartial() {
        if (partial != null) {
            memory.giveBack(partial);
            partial = null;
        }
    }

    @Override
    public void endOfInput(Channel from) {
        if (isOpened) {
            inputEnded();
        } else {
            side.failed(TlsFailure.CLOSED, new SSLException("the peer ended the connection"));
            abort();
        }
    }

    private void inputEnded() {
        hasInputEnded = true;
        if (kept == null && !isEndTold && !isOver) {
            isEndTold = true;
            handler.endOfInput(this);
        }
    }

    @Override
    public void sendable(Channel from) {
        if (isOpened && !isOver) {
            handler.sendable(this);
        }
    }

    @Override
    public void closed(Channel from, CloseCause cause) {
        isOver = true;
        loop().wheel().disarm(bound);
        dropPartial();
        dropKept();
        if (gathered != null) {
            memory.giveBack(gathered);
            gathered = null;
        }
        if (engine instanceof ReferenceCountedOpenSslEngine held) {
            // Its memory is native: it must not wait for the collector.
            engine = null;
            held.release();
        }
        handler.closed(this, cause);
    }

    private void dropKept() {
        if (kept != null) {
            memory.giveBack(kept);
            kept = null;
        }
    }

    // ---- receiving ----

    @Override
    public void receive(boolean wanted) {
        isWanted = wanted;
        if (!isOpened || isOver) {
            return;
        }
        if (wanted && kept != null) {
            if (!isResumeDue) {
                isResumeDue = true;
                loop().post(resuming);
            }
        } else {
            below.receive(wanted);
        }
    }

    private void resume() {
        isResumeDue = false;
        ByteBuffer rest = kept;
        if (rest == null || !isWanted || isOver) {
            return;
        }
        int taken;
        try {
            taken = offer(rest);
        } catch (RuntimeException e) {
            LOG.error("a handler of {} failed; the connection is dropped", this, e);
            abort();
            return;
        }
        // It may have closed the channel, and then all is given back.
        if (kept == null) {
            return;
        }
        rest.position(rest.position() + taken);
        if (rest.hasRemaining()) {
            isWanted = false;
            return;
        }
        dropKept();
        if (hasInputEnded) {
            inputEnded();
        } else if (!isOver) {
            below.receive(isWanted);
        }
    }

    // ---- sending ----

    @Override
    public void send(byte[] source, int offset, int length) {
        int at = offset;
        int end = offset + length;
        while (at < end && canSend()) {
            ByteBuffer room = room();
            int part = Math.min(end - at, TlsMemory.PLAIN_BYTES - room.position());
            room.put(source, at, part);
            at += part;
            flushIfFull(room);
        }
    }

    @Override
    public void send(DirectBuffer source, int offset, int length) {
        int at = offset;
        int end = offset + length;
        while (at < end && canSend()) {
            ByteBuffer room = room();
            int part = Math.min(end - at, TlsMemory.PLAIN_BYTES - room.position());
            source.getBytes(at, room, part);
            at += part;
            flushIfFull(room);
        }
    }

    @Override
    public void send(Received source, int offset, int length) {
        send(source.buffer(), offset, length);
    }

    private boolean canSend() {
        return isOpened && !isOver && !isOutputEnded;
    }

    private ByteBuffer room() {
        ByteBuffer room = gathered;
        if (room == null) {
            room = memory.acquire();
            gathered = room;
        }
        if (!isFlushDue) {
            isFlushDue = true;
            loop().afterTurn(flushing);
        }
        return room;
    }

    private void flushIfFull(ByteBuffer room) {
        if (room.position() == TlsMemory.PLAIN_BYTES) {
            flush();
        }
    }

    private void flushTurn() {
        isFlushDue = false;
        flush();
    }

    private void flush() {
        ByteBuffer plain = gathered;
        SSLEngine with = engine;
        if (plain == null || with == null || isOver) {
            return;
        }
        gathered = null;
        plain.flip();
        try {
            while (plain.hasRemaining()) {
                SSLEngineResult result = with.wrap(plain, memory.outgoing.clear());
                sendOutgoing();
                if (result.getStatus() != SSLEngineResult.Status.OK) {
                    throw new SSLException("output was not encrypted: " + result);
                }
            }
        } catch (SSLException e) {
            failed(e);
        } finally {
            memory.giveBack(plain);
        }
    }

    @Override
    public boolean isSendable() {
        return below.isSendable();
    }

    @Override
    public int pendingBytes() {
        ByteBuffer plain = gathered;
        return below.pendingBytes() + (plain == null ? 0 : plain.position());
    }

    // ---- ending ----

    @Override
    public void finish() {
        if (canSend()) {
            endOutput();
            below.finish();
        }
    }

    @Override
    public void close() {
        if (isOver) {
            return;
        }
        if (canSend()) {
            endOutput();
        }
        isOver = true;
        below.close();
    }

    /** All that was sent, and the notice that nothing follows. */
    private void endOutput() {
        flush();
        isOutputEnded = true;
        SSLEngine with = engine;
        if (with != null && !isOver) {
            with.closeOutbound();
            try {
                with.wrap(NOTHING, memory.outgoing.clear());
                sendOutgoing();
            } catch (SSLException e) {
                LOG.debug("no notice of the end", e);
            }
        }
    }

    @Override
    public void abort() {
        isOver = true;
        below.abort();
    }

    @Override
    public boolean isOpen() {
        return !isOver && below.isOpen();
    }

    // ---- who it is ----

    @Override
    public Loop loop() {
        return below.loop();
    }

    @Override
    public void handler(ChannelHandler next) {
        handler = next;
    }

    @Override
    public InetSocketAddress remoteAddress() {
        return below.remoteAddress();
    }

    @Override
    public InetSocketAddress localAddress() {
        return below.localAddress();
    }

    @Override
    public String toString() {
        return "TLS over " + below;
    }

    private final class HandshakeBound extends Timer {
        @Override
        protected void expired(long nowNs) {
            side.failed(TlsFailure.TIMEOUT, new SSLException("the handshake was not done in time"));
            abort();
        }
    }

    /** Hears nothing, until there is a handler. */
    private static final class Unhandled implements ChannelHandler {
        static final Unhandled INSTANCE = new Unhandled();

        @Override
        public void opened(Channel channel) {}

        @Override
        public int received(Channel channel, Received bytes) {
            return bytes.length();
        }

        @Override
        public void endOfInput(Channel channel) {}

        @Override
        public void sendable(Channel channel) {}

        @Override
        public void closed(Channel channel, CloseCause cause) {}
    }
}
