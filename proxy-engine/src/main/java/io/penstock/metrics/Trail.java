package io.penstock.metrics;

import io.penstock.mark.SharedByWorkers;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * The last requests with the trail of their decisions, and the last refused or broken ones in a ring of their own, so that these
 * are still there when good ones have washed over the first.
 *
 * <p>In a second no more are remembered than there is room for. At a higher rate all of them would be a glance back of
 * milliseconds, and each copy goes into memory that no cache holds; so some are remembered for a second instead.
 *
 * <p>Fed by the access log's thread, which copies a record once more; workers never touch it. Readers and that thread
 * exclude each other for microseconds.
 */
@SharedByWorkers
public final class Trail {
    private static final long GLANCE_NS = 1_000_000_000;

    private final Ring recent;
    private final Ring failed;
    private final long placeNs;
    private long spentUntilNs = Long.MIN_VALUE / 2;

    /** Room for so many requests in all, and so many refused or broken ones besides; about 1 KB each. */
    public Trail(int recentMax, int failedMax, AccessLogBounds bounds) {
        this.recent = new Ring(recentMax, bounds.textBytes());
        this.failed = new Ring(failedMax, bounds.textBytes());
        this.placeNs = GLANCE_NS / recentMax;
    }

    /** The 8192 last requests, of at most as many a second, and the 2048 last that were refused or broken or ended with a status of 500 or above: 10 MB. */
    public static Trail usual(AccessLogBounds bounds) {
        return new Trail(8192, 2048, bounds);
    }

    /** The request with this id, if it is still remembered. Any thread but a worker's. */
    public synchronized Optional<TrailEntry> find(String requestId) {
        byte[] id = requestId.getBytes(StandardCharsets.UTF_8);
        return recent.find(id).or(() -> failed.find(id));
    }

    /** The last requests, newest first. Any thread but a worker's. */
    public synchronized List<TrailEntry> recent(int countMax) {
        return recent.newest(countMax);
    }

    /** The last refused or broken requests, newest first. Any thread but a worker's. */
    public synchronized List<TrailEntry> failed(int countMax) {
        return failed.newest(countMax);
    }

    /**
     * Remembers the records of a part of a ring. The access log's thread; readers wait for some microseconds.
     *
     * @param record a view on the ring's slots
     */
    synchronized void add(AccessRing ring, AccessRecord record, long first, long last, long nowNs) {
        for (long number = first; number <= last; number++) {
            record.turnTo(ring.slotOf(number));
            add(record, nowNs);
        }
    }

    /** Remembers a record, which must be stored in its slot. The access log's thread. */
    synchronized void add(AccessRecord record, long nowNs) {
        if (record.isFailureStored()) {
            failed.add(record);
        }
        if (nowNs - spentUntilNs > 0) {
            spentUntilNs = nowNs;
        }
        if (spentUntilNs - nowNs + placeNs <= GLANCE_NS) {
            spentUntilNs += placeNs;
            recent.add(record);
        }
    }

    private static final class Ring {
        private static final VarHandle WORDS =
                MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.nativeOrder());
        /** 2^64 divided by the golden ratio (Knuth, section 6.4). */
        private static final long MIX = 0x9e37_79b9_7f4a_7c15L;

        private final AccessRecord view;
        private final int size;
        // Hashes of the ids beside the records: a search walks 32 KB instead of 7 MB.
        private final int[] idHashes;
        private long count;

        Ring(int size, int textBytes) {
            this.view = new AccessRecord(AccessRecord.slots(size, textBytes), textBytes);
            this.size = size;
            this.idHashes = new int[size];
        }

        void add(AccessRecord record) {
            int index = (int) (count++ % size);
            AccessRecord copy = copied(index, record);
            idHashes[index] =
                    hash(copy.bytes(), copy.offset(AccessText.REQUEST_ID), copy.length(AccessText.REQUEST_ID));
        }

        Optional<TrailEntry> find(byte[] id) {
            int hash = hash(id, 0, id.length);
            for (long i = count - 1; i >= Math.max(0, count - size); i--) {
                int index = (int) (i % size);
                if (idHashes[index] == hash && isOf(at(index), id)) {
                    return Optional.of(TrailEntry.of(view));
                }
            }
            return Optional.empty();
        }

        List<TrailEntry> newest(int countMax) {
            List<TrailEntry> entries = new ArrayList<>();
            for (long i = count - 1; i >= Math.max(0, count - size) && entries.size() < countMax; i--) {
                entries.add(TrailEntry.of(at((int) (i % size))));
            }
            return entries;
        }

        private AccessRecord copied(int index, AccessRecord record) {
            view.turnTo(index);
            view.copyFrom(record);
            view.load();
            return view;
        }

        private AccessRecord at(int index) {
            view.turnTo(index);
            view.load();
            return view;
        }

        private static boolean isOf(AccessRecord record, byte[] id) {
            int offset = record.offset(AccessText.REQUEST_ID);
            int end = offset + record.length(AccessText.REQUEST_ID);
            return Arrays.equals(record.bytes(), offset, end, id, 0, id.length);
        }

        private static int hash(byte[] bytes, int offset, int length) {
            long hash = length;
            int end = offset + length;
            int at = offset;
            for (; end - at >= Long.BYTES; at += Long.BYTES) {
                hash = (hash ^ (long) WORDS.get(bytes, at)) * MIX;
            }
            for (; at < end; at++) {
                hash = (hash ^ bytes[at]) * MIX;
            }
            return (int) (hash >>> Integer.SIZE);
        }
    }
}
