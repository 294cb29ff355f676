package io.penstock.route;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.TreeSet;
import java.util.function.IntConsumer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Blocks with epochs: what is dropped lives until no table can reach it. Control thread only.
 *
 * <p>An epoch is the version of the table under construction. A block made in this epoch is in no table yet and is freed at
 * once when dropped. An older one was last visible in the table before this one, so it is freed when every table with a
 * version below this epoch is retired. Versions retire in any order; what counts is the oldest that lives.
 */
final class BlockStore {
    /** What the building of one version dropped: pairs of reference and size; size 0 marks the id of a heap object. */
    // Never compared, so an array will do.
    @SuppressWarnings("ArrayRecordComponent")
    private record Dropped(long version, long[] entries) {}

    private final Pages pages = new Pages();
    private final IntConsumer freeAtom;
    private final ArrayDeque<Dropped> waiting = new ArrayDeque<>();
    private final TreeSet<Long> live = new TreeSet<>();
    private long[] dropping = new long[16];
    private int droppingCount;
    private long version = 1;

    BlockStore(IntConsumer freeAtom) {
        this.freeAtom = freeAtom;
    }

    /** The epoch as it stands in blocks; only compared for equality with blocks that are alive, so 32 bits suffice. */
    int epoch() {
        return (int) version;
    }

    /** The version of the table under construction. */
    long version() {
        return version;
    }

    UnsafeBuffer[] buffers() {
        return pages.buffers();
    }

    long reservedBytes() {
        return pages.reservedBytes();
    }

    long usedBytes() {
        return pages.usedBytes();
    }

    int liveVersions() {
        return live.size();
    }

    boolean isLive(long someVersion) {
        return live.contains(someVersion);
    }

    /** Ends the epoch: its version is live from now on. */
    void publish() {
        live.add(version);
        if (droppingCount > 0) {
            waiting.add(new Dropped(version, Arrays.copyOf(dropping, droppingCount)));
            droppingCount = 0;
        }
        if (dropping.length > 1024) {
            dropping = new long[16];
        }
        version++;
    }

    /** Says that nobody reads that version any more; unknown versions are ignored. */
    void retire(long retired) {
        live.remove(retired);
        free();
    }

    /** Says that nobody reads a version below {@code oldest} any more. */
    void retireBelow(long oldest) {
        live.headSet(oldest).clear();
        free();
    }

    int allocate(int bytes) {
        return pages.allocate(bytes);
    }

    /** Gives a block up. */
    void drop(int ref, int bytes, int blockEpoch) {
        if (blockEpoch == epoch()) {
            pages.free(ref, bytes);
        } else {
            note((long) bytes << 32 | ref);
        }
    }

    /** Gives up the id of a heap object. */
    void dropAtom(int id) {
        note(id);
    }

    long getLong(int ref, int at) {
        return Pages.page(pages.buffers(), ref).getLong(Pages.offset(ref) + at);
    }

    int getInt(int ref, int at) {
        return Pages.page(pages.buffers(), ref).getInt(Pages.offset(ref) + at);
    }

    short getShort(int ref, int at) {
        return Pages.page(pages.buffers(), ref).getShort(Pages.offset(ref) + at);
    }

    byte getByte(int ref, int at) {
        return Pages.page(pages.buffers(), ref).getByte(Pages.offset(ref) + at);
    }

    void putLong(int ref, int at, long value) {
        Pages.page(pages.buffers(), ref).putLong(Pages.offset(ref) + at, value);
    }

    void putInt(int ref, int at, int value) {
        Pages.page(pages.buffers(), ref).putInt(Pages.offset(ref) + at, value);
    }

    void putShort(int ref, int at, int value) {
        Pages.page(pages.buffers(), ref).putShort(Pages.offset(ref) + at, (short) value);
    }

    void putByte(int ref, int at, int value) {
        Pages.page(pages.buffers(), ref).putByte(Pages.offset(ref) + at, (byte) value);
    }

    void putBytes(int ref, int at, byte[] bytes) {
        Pages.page(pages.buffers(), ref).putBytes(Pages.offset(ref) + at, bytes);
    }

    void copy(int from, int fromAt, int to, int toAt, int length) {
        UnsafeBuffer[] buffers = pages.buffers();
        Pages.page(buffers, to)
                .putBytes(Pages.offset(to) + toAt, Pages.page(buffers, from), Pages.offset(from) + fromAt, length);
    }

    private void note(long entry) {
        if (droppingCount == dropping.length) {
            dropping = Arrays.copyOf(dropping, droppingCount * 2);
        }
        dropping[droppingCount++] = entry;
    }

    private void free() {
        // Nothing live at all means that only the version under construction can be reached.
        long oldest = live.isEmpty() ? version : live.first();
        while (!waiting.isEmpty() && waiting.peekFirst().version() <= oldest) {
            for (long entry : waiting.removeFirst().entries()) {
                int bytes = (int) (entry >>> 32);
                if (bytes == 0) {
                    freeAtom.accept((int) entry);
                } else {
                    pages.free((int) entry, bytes);
                }
            }
        }
    }
}
