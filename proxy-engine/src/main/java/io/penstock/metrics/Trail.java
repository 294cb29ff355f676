package io.penstock.metrics;

import io.penstock.mark.SharedByWorkers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * The last requests with the trail of their decisions, and the last refused or broken ones in a ring of their own, so that these
 * are still there when good ones have washed over the first.
 *
 * <p>Fed by the access log's thread, which copies a record once more; workers never touch it. Readers and that thread
 * exclude each other for microseconds.
 */
@SharedByWorkers
public final class Trail {
    private final Ring recent;
    private final Ring failed;

    /** Room for so many requests in all, and so many refused or broken ones besides; about 1 KB each. */
    public Trail(int recentMax, int failedMax, AccessLogBounds bounds) {
        this.recent = new Ring(recentMax, bounds.textBytes());
        this.failed = new Ring(failedMax, bounds.textBytes());
    }

    /** The 8192 last requests, and the 2048 last that were refused or broken or ended with a status of 500 or above: 10 MB. */
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

    /** Remembers a record, which must be stored in its slot. The access log's thread. */
    synchronized void add(AccessRecord record) {
        recent.add(record);
        if (record.reason() != null || record.status() >= 500) {
            failed.add(record);
        }
    }

    private static final class Ring {
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
            view.turnTo(index);
            view.copyFrom(record);
            idHashes[index] =
                    hash(record.bytes(), record.offset(AccessText.REQUEST_ID), record.length(AccessText.REQUEST_ID));
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
            int hash = 1;
            for (int i = 0; i < length; i++) {
                hash = 31 * hash + bytes[offset + i];
            }
            return hash;
        }
    }
}
