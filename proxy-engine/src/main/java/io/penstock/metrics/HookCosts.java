package io.penstock.metrics;

import io.penstock.mark.WorkerConfined;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the hooks of one exchange have cost: kept by the exchange, written into its access record at the end.
 *
 * <p>Reused, and bounded to {@value #ENTRIES_MAX} hooks; the calls of one hook, such as one for each part of a body, add up. Empty
 * for an exchange whose filters tell nothing: the room is made with the first that does, and kept.
 */
@WorkerConfined
public final class HookCosts {
    /** Hooks of one exchange; further ones are counted. */
    public static final int ENTRIES_MAX = 16;

    /** Room in the access record. */
    static final int BYTES_MAX = 384;

    /*
     * In the record: the number of hooks told of (2 bytes), then for each that fits: outcome, place of the entry that spells the
     * name, place of the entry that spells the hook, length of the code (a byte each), calls, CPU microseconds, waiting
     * microseconds (4 bytes each), then name and hook with their lengths where this is the entry that spells them, then the
     * code. A plugin's hooks share its name and all plugins the names of hooks, which makes half of the bytes needless.
     */
    private static final int PREFIX_BYTES = 2;
    private static final int ENTRY_BYTES = 16;
    private static final int TEXT_BYTES_MAX = 64;
    private static final byte[] NOTHING = {};
    private static final VarHandle INTS = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle SHORTS =
            MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);
    private static final List<HookOutcome> OUTCOMES = List.of(HookOutcome.values());

    private Entry[] entries = {};
    private int count;
    private int told;

    private static final class Entry {
        private int place;
        private byte[] name = {};
        private byte[] hook = {};
        private String code = "";
        private HookOutcome outcome = HookOutcome.CONTINUED;
        private int calls;
        private long cpuNs;
        private long waitedNs;
    }

    /**
     * Adds one call.
     *
     * @param place of the filter in its chain: one filter may stand there twice
     * @param name of the filter, ASCII; kept until the end of the exchange
     * @param hook its author's name of the hook, ASCII; kept likewise
     * @param code why it failed; empty if it did not
     */
    public void add(int place, byte[] name, byte[] hook, long cpuNs, long waitedNs, HookOutcome outcome, String code) {
        Entry entry = entry(place, name, hook);
        if (entry == null) {
            return;
        }
        entry.calls++;
        entry.cpuNs += cpuNs;
        entry.waitedNs += waitedNs;
        if (outcome.compareTo(entry.outcome) > 0) {
            entry.outcome = outcome;
            entry.code = code;
        }
    }

    // Null where there is no room for another.
    private @Nullable Entry entry(int place, byte[] name, byte[] hook) {
        for (int i = 0; i < count; i++) {
            Entry known = entries[i];
            if (known.place == place && Arrays.equals(known.hook, hook) && Arrays.equals(known.name, name)) {
                return known;
            }
        }
        told++;
        if (count == ENTRIES_MAX) {
            return null;
        }
        if (entries.length == 0) {
            entries = new Entry[ENTRIES_MAX];
            Arrays.setAll(entries, any -> new Entry());
        }
        Entry fresh = entries[count++];
        fresh.place = place;
        fresh.name = name;
        fresh.hook = hook;
        fresh.code = "";
        fresh.outcome = HookOutcome.CONTINUED;
        fresh.calls = 0;
        fresh.cpuNs = 0;
        fresh.waitedNs = 0;
        return fresh;
    }

    boolean isEmpty() {
        return told == 0;
    }

    /** Forgets all hooks. */
    public void clear() {
        count = 0;
        told = 0;
    }

    /** Writes as many whole entries as fit. @return how many bytes were written */
    int write(byte[] into, int offset, int room) {
        if (told == 0 || room < PREFIX_BYTES) {
            return 0;
        }
        SHORTS.set(into, offset, (short) Math.min(told, Short.MAX_VALUE));
        int at = offset + PREFIX_BYTES;
        int end = offset + room;
        for (int i = 0; i < count; i++) {
            Entry entry = entries[i];
            int named = nameOf(i);
            int hooked = hookOf(i);
            // Faults are rare, and their texts are made for them alone.
            byte[] code = entry.code.isEmpty() ? NOTHING : entry.code.getBytes(StandardCharsets.US_ASCII);
            int codeLength = textLength(code);
            int length = ENTRY_BYTES
                    + (named == i ? 1 + textLength(entry.name) : 0)
                    + (hooked == i ? 1 + textLength(entry.hook) : 0)
                    + codeLength;
            if (at + length > end) {
                break;
            }
            into[at] = (byte) OUTCOMES.indexOf(entry.outcome);
            into[at + 1] = (byte) named;
            into[at + 2] = (byte) hooked;
            into[at + 3] = (byte) codeLength;
            INTS.set(into, at + 4, entry.calls);
            INTS.set(into, at + 8, us(entry.cpuNs));
            INTS.set(into, at + 12, us(entry.waitedNs));
            at += ENTRY_BYTES;
            if (named == i) {
                at = spell(entry.name, into, at);
            }
            if (hooked == i) {
                at = spell(entry.hook, into, at);
            }
            System.arraycopy(code, 0, into, at, codeLength);
            at += codeLength;
        }
        return at - offset;
    }

    private int nameOf(int entry) {
        int first = 0;
        while (!Arrays.equals(entries[first].name, entries[entry].name)) {
            first++;
        }
        return first;
    }

    private int hookOf(int entry) {
        int first = 0;
        while (!Arrays.equals(entries[first].hook, entries[entry].hook)) {
            first++;
        }
        return first;
    }

    private static int spell(byte[] text, byte[] into, int at) {
        int length = textLength(text);
        into[at] = (byte) length;
        System.arraycopy(text, 0, into, at + 1, length);
        return at + 1 + length;
    }

    private static int textLength(byte[] text) {
        return Math.min(text.length, TEXT_BYTES_MAX);
    }

    private static int us(long ns) {
        return Math.clamp(ns / 1000, 0, Integer.MAX_VALUE);
    }

    /** How many hooks a written form tells of, with those left out. */
    static int told(byte[] source, int offset, int length) {
        return length < PREFIX_BYTES ? 0 : (short) SHORTS.get(source, offset);
    }

    /** The hooks of a written form. */
    static List<HookCost> read(byte[] source, int offset, int length) {
        List<HookCost> costs = new ArrayList<>();
        int at = offset + PREFIX_BYTES;
        int end = offset + length;
        while (at + ENTRY_BYTES <= end) {
            int head = at;
            at += ENTRY_BYTES;
            String name;
            if (source[head + 1] == costs.size()) {
                name = text(source, at + 1, source[at]);
                at += 1 + source[at];
            } else {
                name = costs.get(source[head + 1]).filter();
            }
            String hook;
            if (source[head + 2] == costs.size()) {
                hook = text(source, at + 1, source[at]);
                at += 1 + source[at];
            } else {
                hook = costs.get(source[head + 2]).hook();
            }
            String code = text(source, at, source[head + 3]);
            at += source[head + 3];
            costs.add(new HookCost(
                    name,
                    hook,
                    (int) INTS.get(source, head + 4),
                    (int) INTS.get(source, head + 8),
                    (int) INTS.get(source, head + 12),
                    OUTCOMES.get(source[head]),
                    code));
        }
        return List.copyOf(costs);
    }

    private static String text(byte[] source, int offset, int length) {
        return new String(source, offset, length, StandardCharsets.US_ASCII);
    }
}
