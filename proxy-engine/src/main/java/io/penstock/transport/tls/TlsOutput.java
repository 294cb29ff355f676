package io.penstock.transport.tls;

import io.penstock.mark.WorkerConfined;
import io.penstock.transport.Channel;
import java.nio.ByteBuffer;
import java.util.function.Consumer;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;
import org.agrona.DirectBuffer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What one side of a TLS connection sends. What it is given in a turn is gathered and encrypted at the turn's end, in records
 * as large as may be.
 */
@WorkerConfined
final class TlsOutput {
    private static final Logger LOG = LoggerFactory.getLogger(TlsOutput.class);
    private static final ByteBuffer NOTHING = ByteBuffer.allocateDirect(0);

    private final Channel below;
    private final TlsMemory memory;
    private final Consumer<SSLException> failing;
    private final Runnable flushing = this::flushTurn;
    private @Nullable SSLEngine engine;

    /** This turn's output in clear. */
    private @Nullable ByteBuffer gathered;

    private boolean isFlushDue;
    private boolean isEnded;
    private boolean isStopped;

    /**
     * Makes one.
     *
     * @param failing hears that what was given could not be encrypted
     */
    TlsOutput(Channel below, TlsMemory memory, Consumer<SSLException> failing) {
        this.below = below;
        this.memory = memory;
        this.failing = failing;
    }

    /** It is known who encrypts. */
    void begin(SSLEngine with) {
        engine = with;
    }

    boolean isEnded() {
        return isEnded;
    }

    /** Bytes in clear that are not encrypted yet. */
    int gatheredBytes() {
        ByteBuffer plain = gathered;
        return plain == null ? 0 : plain.position();
    }

    void add(byte[] source, int offset, int length) {
        int at = offset;
        int end = offset + length;
        while (at < end && !isStopped) {
            ByteBuffer room = room();
            int part = Math.min(end - at, TlsMemory.PLAIN_BYTES - room.position());
            room.put(source, at, part);
            at += part;
            flushIfFull(room);
        }
    }

    void add(DirectBuffer source, int offset, int length) {
        int at = offset;
        int end = offset + length;
        while (at < end && !isStopped) {
            ByteBuffer room = room();
            int part = Math.min(end - at, TlsMemory.PLAIN_BYTES - room.position());
            source.getBytes(at, room, part);
            at += part;
            flushIfFull(room);
        }
    }

    private ByteBuffer room() {
        ByteBuffer room = gathered;
        if (room == null) {
            room = memory.acquire();
            gathered = room;
        }
        if (!isFlushDue) {
            isFlushDue = true;
            below.loop().afterTurn(flushing);
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

    /** Encrypts and sends what is gathered. */
    void flush() {
        ByteBuffer plain = gathered;
        SSLEngine with = engine;
        if (plain == null || with == null || isStopped) {
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
            failing.accept(e);
        } finally {
            memory.giveBack(plain);
        }
    }

    /** Sends what the handshake has to say; what it asks for next. */
    HandshakeStatus sendHandshake(SSLEngine with) throws SSLException {
        SSLEngineResult result = wrapNothing(with);
        return result.getStatus() == SSLEngineResult.Status.CLOSED
                ? HandshakeStatus.NOT_HANDSHAKING
                : result.getHandshakeStatus();
    }

    /** Sends all that was given, and the notice that nothing follows (RFC 8446 section 6.1). */
    void end() {
        flush();
        isEnded = true;
        SSLEngine with = engine;
        if (with != null && !isStopped) {
            with.closeOutbound();
            try {
                wrapNothing(with);
            } catch (SSLException e) {
                LOG.debug("no notice of the end", e);
            }
        }
    }

    /** Sends the alert that tells the peer why (RFC 8446 section 6.2), where there is one. */
    void alert() {
        SSLEngine with = engine;
        if (with != null) {
            try {
                wrapNothing(with);
            } catch (SSLException e) {
                LOG.debug("there is no alert", e);
            }
        }
    }

    /** Nothing that is gathered goes out any more. */
    void stop() {
        isStopped = true;
    }

    /** Gives back what it holds; the engine is not used any more. */
    void release() {
        isStopped = true;
        engine = null;
        if (gathered != null) {
            memory.giveBack(gathered);
            gathered = null;
        }
    }

    private SSLEngineResult wrapNothing(SSLEngine with) throws SSLException {
        SSLEngineResult result = with.wrap(NOTHING, memory.outgoing.clear());
        sendOutgoing();
        return result;
    }

    private void sendOutgoing() {
        int length = memory.outgoing.position();
        if (length > 0) {
            below.send(memory.outgoingView, 0, length);
        }
    }
}
