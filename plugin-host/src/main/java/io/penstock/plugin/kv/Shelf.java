package io.penstock.plugin.kv;

import io.penstock.mark.WorkerConfined;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What the operations mean, over some {@link Cells}: names, times to live, quotas. An entry is named
 * {@code plugin NUL namespace NUL key} and holds when it ends (8 octets, milliseconds since 1970, 0 for never) and JSON
 * text. Confined to one thread, but for {@link #usage}.
 */
@WorkerConfined
final class Shelf implements AutoCloseable {
    /** Octets of a key. */
    static final int KEY_BYTES_MAX = 512;

    /** Octets of a value. */
    static final int VALUE_BYTES_MAX = 64 * 1024;

    /** What scripts can count to exactly (ECMAScript, Number.MAX_SAFE_INTEGER). */
    private static final long WHOLE_MAX = (1L << 53) - 1;

    private static final int END_BYTES = 8;
    private static final String TRUE = "true";
    private static final String FALSE = "false";

    private final Cells cells;
    private final StoreOptions options;
    private final LongSupplier epochMs;
    private final Map<String, Usage> usages = new ConcurrentHashMap<>();
    private int entries;
    private long bytes;
    private int nextPart;

    /** What one plugin has on the shelf. Written by the shelf's thread alone. */
    static final class Usage {
        private volatile int entries;
        private volatile long bytes;

        int entries() {
            return entries;
        }

        long bytes() {
            return bytes;
        }
    }

    /** Takes cells over and counts what they hold. */
    Shelf(Cells cells, StoreOptions options, LongSupplier epochMs) {
        this.cells = cells;
        this.options = options;
        this.epochMs = epochMs;
        for (int part = 0; part < cells.parts(); part++) {
            cells.visit(part, (key, value) -> {
                counted(pluginOf(key), 1, key.length + value.length);
                return false;
            });
        }
    }

    /** What each plugin has. Any thread. */
    Map<String, Usage> usage() {
        return Map.copyOf(usages);
    }

    /** Does an operation that is done in one step. */
    void run(String plugin, Operation operation, KeyValues.Answer answer) {
        try {
            answer.done(
                    switch (operation) {
                        case Operation.Get get -> text(live(name(plugin, get.namespace(), get.key())));
                        case Operation.Put put -> {
                            write(plugin, name(plugin, put.namespace(), put.key()), put.value(), end(put.ttlMs()));
                            yield TRUE;
                        }
                        case Operation.Delete delete -> delete(plugin, delete);
                        case Operation.Incr incr -> incr(plugin, incr);
                        case Operation.Cas cas -> cas(plugin, cas);
                        case Operation.List list -> {
                            ShelfList steps = list(plugin, list);
                            while (!steps.step()) {
                                // Part by part.
                            }
                            yield steps.json();
                        }
                    });
        } catch (StoreRefusedException refused) {
            answer.refused(String.valueOf(refused.getMessage()));
        }
    }

    /** Begins a list, which is gone through part by part. */
    ShelfList list(String plugin, Operation.List list) throws StoreRefusedException {
        return new ShelfList(
                cells,
                name(plugin, list.namespace(), list.prefix()),
                name(plugin, list.namespace(), "").length,
                name(plugin, list.namespace(), list.after()),
                Math.clamp(list.limit(), 1, Operation.LIST_MAX),
                value -> !isOver(value));
    }

    private String delete(String plugin, Operation.Delete delete) throws StoreRefusedException {
        byte[] name = name(plugin, delete.namespace(), delete.key());
        byte[] present = live(name);
        if (present == null) {
            return FALSE;
        }
        remove(plugin, name, present);
        return TRUE;
    }

    private String incr(String plugin, Operation.Incr incr) throws StoreRefusedException {
        byte[] name = name(plugin, incr.namespace(), incr.key());
        byte[] present = live(name);
        long sum = incr.by();
        if (present != null) {
            try {
                sum = Math.addExact(Long.parseLong(text(present)), incr.by());
            } catch (NumberFormatException notWhole) {
                throw new StoreRefusedException("the value of this key is no whole number", notWhole);
            } catch (ArithmeticException tooLarge) {
                throw new StoreRefusedException("the sum is too large", tooLarge);
            }
        }
        if (Math.abs(sum) > WHOLE_MAX) {
            throw new StoreRefusedException("the sum is too large");
        }
        String text = Long.toString(sum);
        write(plugin, name, text, present == null ? end(incr.ttlMs()) : endOf(present));
        return text;
    }

    private String cas(String plugin, Operation.Cas cas) throws StoreRefusedException {
        byte[] name = name(plugin, cas.namespace(), cas.key());
        String present = text(live(name));
        boolean isAsExpected = present == null ? cas.expected() == null : present.equals(cas.expected());
        if (isAsExpected) {
            write(plugin, name, cas.value(), end(cas.ttlMs()));
        }
        return isAsExpected ? TRUE : FALSE;
    }

    private byte[] name(String plugin, String namespace, String key) throws StoreRefusedException {
        byte[] octets = key.getBytes(StandardCharsets.UTF_8);
        if (octets.length > KEY_BYTES_MAX) {
            throw new StoreRefusedException("a key has at most " + KEY_BYTES_MAX + " octets");
        }
        byte[] front = (plugin + '\0' + namespace + '\0').getBytes(StandardCharsets.UTF_8);
        byte[] name = Arrays.copyOf(front, front.length + octets.length);
        System.arraycopy(octets, 0, name, front.length, octets.length);
        return name;
    }

    private static String pluginOf(byte[] name) {
        int end = 0;
        while (end < name.length && name[end] != 0) {
            end++;
        }
        return new String(name, 0, end, StandardCharsets.UTF_8);
    }

    private byte @Nullable [] live(byte[] name) {
        byte[] present = cells.get(name);
        if (present != null && isOver(present)) {
            remove(pluginOf(name), name, present);
            return null;
        }
        return present;
    }

    private boolean isOver(byte[] value) {
        long end = endOf(value);
        return end != 0 && end <= epochMs.getAsLong();
    }

    private static long endOf(byte[] value) {
        return value.length < END_BYTES ? 0 : ByteBuffer.wrap(value).getLong();
    }

    private long end(long ttlMs) {
        return ttlMs <= 0 ? 0 : Math.addExact(epochMs.getAsLong(), Math.min(ttlMs, Long.MAX_VALUE >>> 16));
    }

    @Nullable
    private static String text(byte @Nullable [] value) {
        return value == null ? null : new String(value, END_BYTES, value.length - END_BYTES, StandardCharsets.UTF_8);
    }

    private void write(String plugin, byte[] name, String json, long end) throws StoreRefusedException {
        byte[] octets = json.getBytes(StandardCharsets.UTF_8);
        if (octets.length > VALUE_BYTES_MAX) {
            throw new StoreRefusedException(
                    "a value has at most " + VALUE_BYTES_MAX + " octets of JSON, and this one has " + octets.length);
        }
        byte[] value = new byte[END_BYTES + octets.length];
        ByteBuffer.wrap(value).putLong(end).put(octets);
        byte[] present = cells.get(name);
        int moreEntries = present == null ? 1 : 0;
        int moreBytes = value.length + (present == null ? name.length : -present.length);
        checkRoom(plugin, moreEntries, moreBytes);
        cells.put(name, value);
        counted(plugin, moreEntries, moreBytes);
    }

    private void checkRoom(String plugin, int moreEntries, int moreBytes) throws StoreRefusedException {
        if (moreEntries <= 0 && moreBytes <= 0) {
            return;
        }
        Usage usage = usages.computeIfAbsent(plugin, any -> new Usage());
        if (usage.entries + moreEntries > options.pluginEntriesMax()) {
            throw new StoreRefusedException("the plugin's quota is used up: it has " + usage.entries + " of "
                    + options.pluginEntriesMax() + " entries");
        }
        if (usage.bytes + moreBytes > options.pluginBytesMax()) {
            throw new StoreRefusedException("the plugin's quota is used up: it has " + usage.bytes + " of "
                    + options.pluginBytesMax() + " octets");
        }
        if (entries + moreEntries > options.entriesMax() || bytes + moreBytes > options.bytesMax()) {
            throw new StoreRefusedException("the key-value store is full");
        }
    }

    private void remove(String plugin, byte[] name, byte[] present) {
        cells.remove(name);
        counted(plugin, -1, -name.length - present.length);
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // One writer.
    private void counted(String plugin, int moreEntries, int moreBytes) {
        Usage usage = usages.computeIfAbsent(plugin, any -> new Usage());
        usage.entries += moreEntries;
        usage.bytes += moreBytes;
        entries += moreEntries;
        bytes += moreBytes;
    }

    /** Writes all entries as they are into a file. */
    void copyTo(Path file) throws IOException {
        StoreImage.write(cells, file);
    }

    /** Removes what has ended from the next part. */
    void sweep() {
        int part = nextPart;
        nextPart = (part + 1) % cells.parts();
        cells.visit(part, (key, value) -> {
            boolean isOver = isOver(value);
            if (isOver) {
                counted(pluginOf(key), -1, -key.length - value.length);
            }
            return isOver;
        });
    }

    @Override
    public void close() {
        cells.close();
    }
}
