package io.penstock.snapshot;

import java.util.ArrayDeque;
import java.util.PriorityQueue;

/**
 * Small numbers for things that come and go. A number given back is given out again only when no route table that knew
 * its last owner is read any more, lowest first, so that tables by id stay dense. Control thread only.
 */
final class DenseIds {
    private final PriorityQueue<Integer> free = new PriorityQueue<>();
    private final ArrayDeque<Resting> resting = new ArrayDeque<>();
    private int next;

    private record Resting(int id, long untilVersion) {}

    int take() {
        Integer id = free.poll();
        return id == null ? next++ : id;
    }

    /** Gives a number back that no table has ever known. */
    void giveBack(int id) {
        free.add(id);
    }

    /** Gives a number back that tables below {@code untilVersion} know. Versions never decrease from call to call. */
    void rest(int id, long untilVersion) {
        resting.add(new Resting(id, untilVersion));
    }

    /**
     * Frees what has rested long enough.
     *
     * @param oldestInUse the oldest table version that is still read
     */
    void reclaim(long oldestInUse) {
        for (Resting first = resting.peek();
                first != null && first.untilVersion <= oldestInUse;
                first = resting.peek()) {
            resting.remove();
            free.add(first.id);
        }
    }
}
