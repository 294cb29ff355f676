package io.penstock.metrics;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.agrona.DirectBuffer;
import org.jspecify.annotations.Nullable;

/**
 * What the access log and the trail know of one exchange: a view on one slot of a worker's ring.
 *
 * <p>Filled by the worker between {@link AccessPublisher#claim} and {@link AccessPublisher#publish}. Texts share one region of fixed size in
 * the order in which they are set, so set what matters most first; what does not fit is cut and the record says so.
 */
public final class AccessRecord {
    /*
     * A slot is HEAD_BYTES of numbers and then the texts. The worker walks through megabytes of slots, so each is cold when its
     * turn comes. Numbers therefore wait in fields of the one view that the worker has, which are hot, and leave for the slot
     * at the end: the worker only ever stores into a slot, and stores do not wait for memory as loads would.
     */
    static final int HEAD_BYTES = 128;

    private static final int TEXTS = AccessText.values().length;
    private static final int STARTED = 0;
    private static final int DURATION = 8;
    private static final int UPSTREAM = 16;
    private static final int BYTES_IN = 24;
    private static final int BYTES_OUT = 32;
    private static final int STATUS = 40;
    private static final int TRIES = 44;
    private static final int REASON = 48;
    private static final int USED = 52;
    private static final int SPANS = 56;
    private static final int TRUNCATED = 1 << 31;

    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.nativeOrder());
    private static final VarHandle INTS = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.nativeOrder());
    private static final List<Reason> REASONS = List.of(Reason.values());

    static {
        assert SPANS + TEXTS * Integer.BYTES <= HEAD_BYTES : "the head is too small";
    }

    private final byte[] slots;
    private final int textBytes;
    private int head;
    private int texts;
    // For each text its offset in the slot's texts in the upper half and its length in the lower.
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

    /** A view on the first of some slots, each with room for {@code textBytes} of text in all. */
    AccessRecord(byte[] slots, int textBytes) {
        this.slots = slots;
        this.textBytes = textBytes;
        turnTo(0);
        clear();
    }

    /** A view on a slot of its own. */
    AccessRecord(int textBytes) {
        this(slots(1, textBytes), textBytes);
    }

    /** Memory for so many slots. */
    static byte[] slots(int count, int textBytes) {
        return new byte[Math.multiplyExact(count, HEAD_BYTES + textBytes)];
    }

    /** Looks at another slot from now on; its content is not read yet. */
    void turnTo(int slot) {
        head = slot * (HEAD_BYTES + textBytes);
        texts = head + HEAD_BYTES;
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

    /** Puts the numbers into the slot, which then holds the whole record. */
    void store() {
        LONGS.set(slots, head + STARTED, startedEpochUs);
        LONGS.set(slots, head + DURATION, durationNs);
        LONGS.set(slots, head + UPSTREAM, upstreamNs);
        LONGS.set(slots, head + BYTES_IN, bytesIn);
        LONGS.set(slots, head + BYTES_OUT, bytesOut);
        INTS.set(slots, head + STATUS, status);
        INTS.set(slots, head + TRIES, tries);
        Reason why = reason;
        INTS.set(slots, head + REASON, why == null ? 0 : why.index() + 1);
        INTS.set(slots, head + USED, truncated ? used | TRUNCATED : used);
        for (int i = 0; i < TEXTS; i++) {
            INTS.set(slots, head + SPANS + i * Integer.BYTES, spans[i]);
        }
    }

    /** Takes the numbers from the slot. */
    void load() {
        startedEpochUs = (long) LONGS.get(slots, head + STARTED);
        durationNs = (long) LONGS.get(slots, head + DURATION);
        upstreamNs = (long) LONGS.get(slots, head + UPSTREAM);
        bytesIn = (long) LONGS.get(slots, head + BYTES_IN);
        bytesOut = (long) LONGS.get(slots, head + BYTES_OUT);
        status = (int) INTS.get(slots, head + STATUS);
        tries = (int) INTS.get(slots, head + TRIES);
        int why = (int) INTS.get(slots, head + REASON);
        reason = why == 0 ? null : REASONS.get(why - 1);
        int lengths = (int) INTS.get(slots, head + USED);
        used = lengths & ~TRUNCATED;
        truncated = lengths < 0;
        for (int i = 0; i < TEXTS; i++) {
            spans[i] = (int) INTS.get(slots, head + SPANS + i * Integer.BYTES);
        }
    }

    /** Whether the exchange in the slot was refused, broken or failed; looks at the slot alone, which is not loaded. */
    boolean isFailureStored() {
        return (int) INTS.get(slots, head + REASON) != 0 || (int) INTS.get(slots, head + STATUS) >= 500;
    }

    /** Makes this slot the same as another's, of the same size, which need not be loaded. */
    void copyFrom(AccessRecord other) {
        int texts = (int) INTS.get(other.slots, other.head + USED) & ~TRUNCATED;
        System.arraycopy(other.slots, other.head, slots, head, HEAD_BYTES + texts);
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
        ShortCopy.copy(source, offset, slots, texts + used, count);
        return advance(text, count);
    }

    /** Sets a text, copying it; at most once for each. */
    public AccessRecord text(AccessText text, byte[] source) {
        return text(text, source, 0, source.length);
    }

    /** Sets a text, copying it; at most once for each. */
    public AccessRecord text(AccessText text, DirectBuffer source, int offset, int length) {
        int count = room(text, length);
        source.getBytes(offset, slots, texts + used, count);
        return advance(text, count);
    }

    /** Sets the decision trail, copying it. */
    public AccessRecord steps(TrailSteps steps) {
        return text(AccessText.STEPS, steps.bytes(), 0, steps.length());
    }

    /** Sets what hooks have cost. What does not fit is no text that is cut: the costs themselves say how many are left out. */
    public AccessRecord costs(HookCosts costs) {
        int room = Math.min(HookCosts.BYTES_MAX, textBytes - used);
        return costs.isEmpty() ? this : advance(AccessText.COSTS, costs.write(slots, texts + used, room));
    }

    private int room(AccessText text, int length) {
        int count = Math.min(length, Math.min(text.bytesMax(), textBytes - used));
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

    byte[] bytes() {
        return slots;
    }

    /** Bytes of all texts. */
    int textLength() {
        return used;
    }

    int offset(AccessText text) {
        return texts + (spans[text.index()] >>> 16);
    }

    int length(AccessText text) {
        return spans[text.index()] & 0xffff;
    }

    /** The text, malformed bytes replaced; for readers that are not in a hurry. */
    String string(AccessText text) {
        return new String(slots, offset(text), length(text), StandardCharsets.UTF_8);
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
