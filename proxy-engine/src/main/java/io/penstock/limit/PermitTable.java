package io.penstock.limit;

import io.penstock.mark.SharedByWorkers;
import java.lang.foreign.Arena;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.Queue;
import org.agrona.concurrent.AtomicBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Permits in use by resource, exact over all workers: {@code pool.max} of an upstream, concurrency of a limit.
 *
 * <p>A resource's cell is found by its identity and so survives revisions, with the permits in use in it. The control
 * thread gives and takes back cells; workers take and give back permits, lock-free and without allocation.
 * Whoever made the table closes it, after the last worker has ended.
 */
@SharedByWorkers
public final class PermitTable implements AutoCloseable {
    /** Two cache lines, since processors fetch them in pairs: resources in use by different workers never share one. */
    private static final int CELL_BYTES = 128;

    private static final int SLOTS_MAX = 1 << 23;

    private final Arena memory;
    private final AtomicBuffer cells;
    private final int slots;
    private final Map<String, Integer> slotByIdentity = new HashMap<>();
    private final Queue<Integer> retired = new ArrayDeque<>();
    private int fresh;

    /** A table of {@code slots} resources, 128 bytes each. */
    public PermitTable(int slots) {
        this(slots, Arena.ofShared());
    }

    /** A table in memory of the caller's; closed by the table if it can be. */
    PermitTable(int slots, Arena memory) {
        if (slots < 1 || slots > SLOTS_MAX) {
            throw new IllegalArgumentException("a permit table has 1 to " + SLOTS_MAX + " slots, not " + slots);
        }
        this.slots = slots;
        this.memory = memory;
        this.cells = new UnsafeBuffer(
                memory.allocate((long) slots * CELL_BYTES, CELL_BYTES).address(), slots * CELL_BYTES);
    }

    /** How many resources fit. */
    public int slots() {
        return slots;
    }

    /** Size of the table in native memory, in bytes. */
    public long bytes() {
        return cells.capacity();
    }

    /**
     * The slot of a resource, the same until {@link #retire}. Control thread.
     *
     * @param identity what the resource is, as in {@code pool/orders}, not which revision mentions it
     * @throws IllegalStateException if every slot is taken
     */
    public synchronized int slotOf(String identity) {
        Integer known = slotByIdentity.get(identity);
        if (known != null) {
            return known;
        }
        int slot = freeSlot();
        slotByIdentity.put(identity, slot);
        return slot;
    }

    /** How many further resources fit now. Control thread. */
    public synchronized int room() {
        int used = 0;
        for (int slot : retired) {
            used += cells.getLongVolatile(slot * CELL_BYTES) == 0 ? 0 : 1;
        }
        return slots - slotByIdentity.size() - used;
    }

    /**
     * Gives a resource's slot back once its permits are. Control thread, when every worker has adopted a revision without the
     * resource, so that none takes another permit of it; unknown identities are ignored.
     */
    public synchronized void retire(String identity) {
        Integer slot = slotByIdentity.remove(identity);
        if (slot != null) {
            retired.add(slot);
        }
    }

    /**
     * Takes one permit, if fewer than {@code max} are in use. Any thread, lock-free.
     *
     * @param slot of {@link #slotOf}
     * @return whether the permit was taken and must be given back by {@link #release}
     */
    public boolean tryAcquire(int slot, long max) {
        int at = slot * CELL_BYTES;
        while (true) {
            long inUse = cells.getLongVolatile(at);
            if (inUse >= max) {
                return false;
            }
            if (cells.compareAndSetLong(at, inUse, inUse + 1)) {
                return true;
            }
        }
    }

    /** Gives one permit back. Any thread, lock-free. */
    public void release(int slot) {
        long before = cells.getAndAddLong(slot * CELL_BYTES, -1);
        assert before > 0 : "slot " + slot + " had " + before + " permits in use";
    }

    /** How many permits are in use. Any thread. */
    public long inUse(int slot) {
        return cells.getLongOpaque(slot * CELL_BYTES);
    }

    @Override
    public void close() {
        memory.close();
    }

    private int freeSlot() {
        for (int i = retired.size(); i > 0; i--) {
            Integer slot = retired.remove();
            if (cells.getLongVolatile(slot * CELL_BYTES) == 0) {
                return slot;
            }
            retired.add(slot);
        }
        if (fresh == slots) {
            throw new IllegalStateException("the permit table is full: " + slots
                    + " resources have permits. Remove resources, or start with a larger table.");
        }
        return fresh++;
    }
}
