package io.penstock.metrics;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.agrona.DirectBuffer;
import org.jspecify.annotations.Nullable;

/**
 * One slot of a worker's ring: what the access log and the trail know of one exchange.
 *
 * <p>Owned by the worker between {@link AccessPublisher#claim} and {@link AccessPublisher#publish}, by the log's thread afterwards; never
 * by both. Texts share one region of fixed size in the order in which they are set, so set what matters most first; what
 * does not fit is cut and the record says so.
 */
public final class AccessRecord {
    private static final int TEXTS = AccessText.values().length;

    private final byte[] bytes;
    // For each text its offset in `bytes` in the upper half and its length in the lower.
    private final int[] spans = new int[TEXTS];
    private int used;
    private boolean truncated;

    private long startedEpochUs;
    private long durationNs;
    private long upstreamNs;
    private long bytesIn;
    private long bytesOut;
    private int status;
    private int tries;
    private @Nullable Reason reason;

    /** A slot with room for {@code textBytes} of text in all. */
    AccessRecord(int textBytes) {
        this.bytes = new byte[textBytes];
    }

    void clear() {
        Arrays.fill(spans, 0);
        used = 0;
        truncated = false;
        startedEpochUs = 0;
        durationNs = 0;
        upstreamNs = -1;
        bytesIn = 0;
        bytesOut = 0;
        status = 0;
        tries = 0;
        reason = null;
    }

    /** When the request's first byte came, in microseconds since 1970. */
    public AccessRecord started(long epochUs) {
        startedEpochUs = epochUs;
        return this;
    }

    /** From the request's first byte to the response's last. */
    public AccessRecord duration(long ns) {
        durationNs = ns;
        return this;
    }

    /** From the head sent to the last endpoint to its answer's last byte; negative, as it is at first, if none was asked. */
    public AccessRecord upstreamDuration(long ns) {
        upstreamNs = ns;
        return this;
    }

    /** Bytes of the request's body and of the response's body. */
    public AccessRecord transferred(long in, long out) {
        bytesIn = in;
        bytesOut = out;
        return this;
    }

    /** The status that the client saw. */
    public AccessRecord status(int value) {
        status = value;
        return this;
    }

    /** How many endpoints were tried. */
    public AccessRecord tries(int count) {
        tries = count;
        return this;
    }

    /** Why the exchange was refused or broken; not called for one that went well. */
    public AccessRecord reason(Reason value) {
        reason = value;
        return this;
    }

    /** Sets a text, copying it; at most once for each. */
    public AccessRecord text(AccessText text, byte[] source, int offset, int length) {
        int count = room(text, length);
        System.arraycopy(source, offset, bytes, used, count);
        return advance(text, count);
    }

    /** Sets a text, copying it; at most once for each. */
    public AccessRecord text(AccessText text, byte[] source) {
        return text(text, source, 0, source.length);
    }

    /** Sets a text, copying it; at most once for each. */
    public AccessRecord text(AccessText text, DirectBuffer source, int offset, int length) {
        int count = room(text, length);
        source.getBytes(offset, bytes, used, count);
        return advance(text, count);
    }

    /** Sets the decision trail, copying it. */
    public AccessRecord steps(TrailSteps steps) {
        return text(AccessText.STEPS, steps.bytes(), 0, steps.length());
    }

    private int room(AccessText text, int length) {
        int count = Math.min(length, Math.min(text.bytesMax(), bytes.length - used));
        if (count < length) {
            truncated = true;
        }
        return count;
    }

    private AccessRecord advance(AccessText text, int count) {
        spans[text.index()] = used << 16 | count;
        used += count;
        return this;
    }

    void copyFrom(AccessRecord other) {
        System.arraycopy(other.bytes, 0, bytes, 0, other.used);
        System.arraycopy(other.spans, 0, spans, 0, TEXTS);
        used = other.used;
        truncated = other.truncated;
        startedEpochUs = other.startedEpochUs;
        durationNs = other.durationNs;
        upstreamNs = other.upstreamNs;
        bytesIn = other.bytesIn;
        bytesOut = other.bytesOut;
        status = other.status;
        tries = other.tries;
        reason = other.reason;
    }

    byte[] bytes() {
        return bytes;
    }

    int offset(AccessText text) {
        return spans[text.index()] >>> 16;
    }

    int length(AccessText text) {
        return spans[text.index()] & 0xffff;
    }

    /** The text, malformed bytes replaced; for readers that are not in a hurry. */
    String string(AccessText text) {
        return new String(bytes, offset(text), length(text), StandardCharsets.UTF_8);
    }

    long startedEpochUs() {
        return startedEpochUs;
    }

    long durationNs() {
        return durationNs;
    }

    long upstreamNs() {
        return upstreamNs;
    }

    long bytesIn() {
        return bytesIn;
    }

    long bytesOut() {
        return bytesOut;
    }

    int status() {
        return status;
    }

    int tries() {
        return tries;
    }

    @Nullable
    Reason reason() {
        return reason;
    }

    boolean isTruncated() {
        return truncated;
    }
}
