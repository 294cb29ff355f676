package io.penstock.exchange;

import io.penstock.coding.BodyDecoder;
import io.penstock.coding.CodingException;
import io.penstock.coding.ContentCoding;
import io.penstock.coding.Encoder;
import io.penstock.http.Fields;
import io.penstock.mark.WorkerConfined;
import io.penstock.transport.Received;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The coding of one body around its hooks: undone before them, done again behind them.
 *
 * <p>A few coded bytes may come to very many. They are therefore decoded only while whoever takes the body takes more: what
 * is not decoded yet is kept here coded, at most what was received at once, and the source is held back meanwhile.
 */
@WorkerConfined
final class CodedBody {
    private static final byte[] NOTHING = {};

    private final BodyRun run;
    private final Way way;
    private final OpenCodings open;
    private final Encoder.Output output;

    private @Nullable BodyDecoder decoder;
    private @Nullable Encoder encoder;
    private final UnsafeBuffer held = new UnsafeBuffer(NOTHING);
    private int heldAt;
    private boolean isHolding;
    private boolean isEndOwed;
    private boolean isCounted;

    /** What is around it. */
    interface Way {
        /** Whether more is taken behind the hooks. */
        boolean isOpen();

        /** Takes bytes behind the hooks, coded again. */
        void send(byte[] coded);

        /** The body cannot be decoded: ends the exchange. */
        void broken(CodingException why);
    }

    CodedBody(BodyRun run, Way way, OpenCodings open) {
        this.run = run;
        this.way = way;
        this.open = open;
        this.output = way::send;
    }

    /** The coding that a head's body has, if it is one that can be undone; else null. */
    static @Nullable ContentCoding of(Fields head) {
        int at = head.find("content-encoding");
        return at < 0 || head.find("content-encoding", at + 1) >= 0 ? null : ContentCoding.of(head.value(at));
    }

    /**
     * Begins a body.
     *
     * @param isPlain whether it has no coding yet, and gets one
     * @return false if too many are open on this worker
     */
    boolean begin(ContentCoding coding, boolean isPlain) {
        return begin(isPlain ? null : coding, coding, ContentCoding.BALANCED);
    }

    /** Begins a body whose coding is undone, or that gets one, or both; null for neither. The same bound holds. */
    boolean begin(@Nullable ContentCoding undone, @Nullable ContentCoding done, int effort) {
        if (!open.tryOpen()) {
            return false;
        }
        isCounted = true;
        decoder = undone == null ? null : new BodyDecoder(undone);
        encoder = done == null ? null : done.newEncoder(effort);
        return true;
    }

    boolean isDecoding() {
        return decoder != null;
    }

    boolean isEncoding() {
        return encoder != null;
    }

    /** Whether coded bytes wait here until more is taken. */
    boolean isHolding() {
        return isHolding;
    }

    // ---- before the hooks ----

    /** Takes a part in. @return whether the exchange still runs */
    boolean take(Received bytes, int offset, int length) {
        byte[] copy = new byte[length];
        bytes.buffer().getBytes(offset, copy);
        return take(copy);
    }

    /** Takes a part in that is not written to any more. @return whether the exchange still runs */
    boolean take(byte[] bytes) {
        held.wrap(bytes);
        heldAt = 0;
        isHolding = true;
        return goOn();
    }

    /** Nothing follows. */
    void end() {
        isEndOwed = true;
        if (!isHolding) {
            finish();
        }
    }

    /** Goes on as long as more is taken. @return whether the exchange still runs */
    boolean goOn() {
        BodyDecoder from = decoder;
        while (from != null && isHolding && !run.isWaiting() && way.isOpen()) {
            byte[] plain;
            try {
                plain = from.next();
            } catch (CodingException broken) {
                way.broken(broken);
                return false;
            }
            if (plain.length > 0) {
                if (!run.take(plain)) {
                    return false;
                }
            } else if (heldAt < held.capacity()) {
                heldAt += from.feed(held, heldAt, held.capacity() - heldAt);
            } else {
                isHolding = false;
                held.wrap(NOTHING);
                if (isEndOwed) {
                    finish();
                    return false;
                }
                flush();
            }
        }
        return true;
    }

    private void finish() {
        BodyDecoder from = decoder;
        if (from != null) {
            try {
                from.end();
            } catch (CodingException broken) {
                way.broken(broken);
                return;
            }
        }
        run.end();
    }

    // ---- behind the hooks ----

    /** Codes a part again. */
    void encode(DirectBuffer bytes, int offset, int length) {
        Encoder to = encoder;
        if (to != null) {
            to.encode(bytes, offset, length, output);
        }
    }

    // What came together leaves together: who waits for the next event of a stream must not wait for the one after it.
    void flush() {
        Encoder to = encoder;
        if (to != null) {
            to.flush(output);
        }
    }

    /** Codes the end. */
    void encodeEnd() {
        Encoder to = encoder;
        if (to != null) {
            to.finish(output);
        }
    }

    void reset() {
        BodyDecoder from = decoder;
        if (from != null) {
            from.close();
        }
        Encoder to = encoder;
        if (to != null) {
            to.close();
        }
        if (isCounted) {
            open.closed();
        }
        decoder = null;
        encoder = null;
        held.wrap(NOTHING);
        isHolding = false;
        isEndOwed = false;
        isCounted = false;
    }
}
