package io.penstock.transport.tls;

import io.netty.handler.ssl.ReferenceCountedOpenSslEngine;
import io.penstock.mark.WorkerConfined;
import io.penstock.transport.Channel;
import io.penstock.transport.ChannelHandler;
import io.penstock.transport.CloseCause;
import io.penstock.transport.DeafHandler;
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
 * <p>What is sent is gathered and encrypted by {@link TlsOutput}. What is decrypted goes to the handler record by record; while
 * that does not want any, records stay encrypted, below.
 *
 * <p>An end without the notice of it (RFC 8446 section 6.1) is an end of input like any other: what was under way then is
 * known to be incomplete by its own framing, as in clear. Where the end is all the framing there is, {@link #isEndAnnounced} tells.
 */
@WorkerConfined
public final class TlsChannel implements Channel, ChannelHandler {
    private static final Logger LOG = LoggerFactory.getLogger(TlsChannel.class);

    /** Hears nothing, until there is a handler. */
    private static final ChannelHandler NOBODY = new DeafHandler() {};

    private final Channel below;
    private final TlsMemory memory;
    private final TlsSide side;
    private final RecordInput input;
    private final TlsOutput output;
    private final HandshakeBound bound = new HandshakeBound();
    private final Runnable resuming = this::resume;
    private ChannelHandler handler = NOBODY;

    /** Null until it is known who answers. */
    private @Nullable SSLEngine engine;

    /** Decrypted bytes that the handler did not take, from position to limit. */
    private @Nullable ByteBuffer kept;

    private boolean isOpened;
    private boolean isWanted;
    private boolean isResumeDue;
    private boolean hasInputEnded;
    private boolean isEndAnnounced;
    private boolean isEndTold;
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
        this.input = new RecordInput(memory);
        this.output = new TlsOutput(below, memory, this::failed);
    }

    // ---- the handshake ----

    @Override
    public void opened(Channel opened) {
        loop().wheel().arm(bound, loop().nowNs() + side.handshakeTimeoutNs());
        below.receive(true);
        SSLEngine begun = side.begin();
        if (begun != null) {
            begin(begun);
            try {
                begun.beginHandshake();
                go(begun, begun.getHandshakeStatus());
            } catch (SSLException e) {
                failed(e);
            }
        }
    }

    private void begin(SSLEngine with) {
        engine = with;
        output.begin(with);
    }

    /** Does what the handshake asks for on this side; whether bytes of the peer are wanted next. */
    private boolean go(SSLEngine with, HandshakeStatus asked) throws SSLException {
        HandshakeStatus status = asked;
        while (!isOver) {
            switch (status) {
                case NEED_WRAP -> status = output.sendHandshake(with);
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
        end();
        output.alert();
        below.close();
    }

    private void end() {
        isOver = true;
        output.stop();
    }

    // ---- from below ----

    @Override
    public int received(Channel from, Received bytes) {
        // After its notice of the end a peer has nothing more to say (RFC 8446 section 6.1).
        if (isOver || hasInputEnded) {
            return bytes.length();
        }
        if (kept != null) {
            return 0;
        }
        int before = input.partialBytes();
        ByteBuffer incoming = input.join(bytes);
        try {
            decrypt(incoming);
            if (!isOver && !hasInputEnded && kept == null) {
                input.keep(incoming);
                return bytes.length();
            }
        } catch (SSLException e) {
            failed(e);
        }
        input.drop();
        // The rest stays below, encrypted.
        return isOver || hasInputEnded ? bytes.length() : incoming.position() - before;
    }

    private void decrypt(ByteBuffer incoming) throws SSLException {
        SSLEngine with = engine;
        if (with == null) {
            with = side.answer(incoming);
            if (with == null) {
                return;
            }
            begin(with);
            with.beginHandshake();
        }
        // The library takes one record at a time, and to ask it with less costs as much as a record. Before the
        // handshake is
        // done it may have to be asked with nothing to say so.
        while (!isOver && kept == null && (!isOpened || RecordInput.isWhole(incoming))) {
            // The next record may be the notice of the peer's end, upon which BoringSSL sends nothing more either.
            output.flush();
            ByteBuffer plain = memory.plain.clear();
            SSLEngineResult result = with.unwrap(incoming, plain);
            if (plain.position() > 0) {
                deliver(plain.flip());
                if (isOver) {
                    return;
                }
            }
            if (result.getStatus() == SSLEngineResult.Status.CLOSED) {
                isEndAnnounced = true;
                inputEnded();
                return;
            }
            HandshakeStatus asked = result.getHandshakeStatus();
            boolean isStuck = result.bytesConsumed() == 0
                    && result.bytesProduced() == 0
                    && asked != HandshakeStatus.NEED_WRAP
                    && asked != HandshakeStatus.NEED_TASK;
            if (!go(with, asked) || isStuck) {
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
        input.drop();
        dropKept();
        output.release();
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
        if (canSend()) {
            output.add(source, offset, length);
        }
    }

    @Override
    public void send(DirectBuffer source, int offset, int length) {
        if (canSend()) {
            output.add(source, offset, length);
        }
    }

    @Override
    public void send(Received source, int offset, int length) {
        send(source.buffer(), offset, length);
    }

    private boolean canSend() {
        return isOpened && !isOver && !output.isEnded();
    }

    @Override
    public boolean isSendable() {
        return below.isSendable();
    }

    @Override
    public int pendingBytes() {
        return below.pendingBytes() + output.gatheredBytes();
    }

    // ---- ending ----

    @Override
    public void finish() {
        if (canSend()) {
            output.end();
            below.finish();
        }
    }

    @Override
    public void close() {
        if (isOver) {
            return;
        }
        if (canSend()) {
            output.end();
        }
        end();
        below.close();
    }

    @Override
    public void abort() {
        end();
        below.abort();
    }

    @Override
    public boolean isEndAnnounced() {
        return isEndAnnounced;
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
}
