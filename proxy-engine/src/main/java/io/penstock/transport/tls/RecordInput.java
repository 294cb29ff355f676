package io.penstock.transport.tls;

import io.penstock.mark.WorkerConfined;
import io.penstock.transport.Received;
import java.nio.ByteBuffer;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** What a peer sends, put together to whole records (RFC 8446 section 5.1). It holds memory only while one is not whole. */
@WorkerConfined
final class RecordInput {
    private static final int HEAD_BYTES = 5;
    private static final int LENGTH_AT = 3;

    private final TlsMemory memory;

    /** What came of a record, or of a hello, that is not whole. */
    private @Nullable ByteBuffer partial;

    RecordInput(TlsMemory memory) {
        this.memory = memory;
    }

    /** How many bytes of earlier are in front of what comes next. */
    int partialBytes() {
        ByteBuffer before = partial;
        return before == null ? 0 : before.position();
    }

    /** What came, behind what was kept: in memory that all connections of the loop share, so for now only. */
    ByteBuffer join(Received bytes) {
        ByteBuffer incoming = memory.incoming.clear();
        ByteBuffer before = partial;
        if (before != null) {
            int length = before.position();
            incoming.put(before.flip());
            before.limit(before.capacity()).position(length);
        }
        bytes.buffer().getBytes(bytes.offset(), incoming, bytes.length());
        return incoming.flip();
    }

    /** Whether the next record is all there. One that is none, or too long, counts as whole: the library says what is wrong. */
    static boolean isWhole(ByteBuffer incoming) {
        int at = incoming.position();
        int remaining = incoming.remaining();
        if (remaining < HEAD_BYTES) {
            return false;
        }
        int length = HEAD_BYTES + (incoming.getShort(at + LENGTH_AT) & 0xffff);
        return remaining >= length || length > TlsMemory.RECORD_BYTES;
    }

    /**
     * Keeps the rest of what was joined until more comes.
     *
     * @throws SSLException if it is more than a record may have
     */
    void keep(ByteBuffer incoming) throws SSLException {
        if (!incoming.hasRemaining()) {
            drop();
            return;
        }
        if (incoming.remaining() > TlsMemory.RECORD_BYTES) {
            throw new SSLException(incoming.remaining() + " bytes came, and no whole message among them");
        }
        ByteBuffer rest = partial;
        if (rest == null) {
            rest = memory.acquire();
            partial = rest;
        }
        rest.clear().put(incoming);
    }

    /** Nothing is kept any more. */
    void drop() {
        ByteBuffer rest = partial;
        if (rest != null) {
            memory.giveBack(rest);
            partial = null;
        }
    }
}
