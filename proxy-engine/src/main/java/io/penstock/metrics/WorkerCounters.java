package io.penstock.metrics;

import io.penstock.mark.SharedByWorkers;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * The counters of one worker: written by that worker alone, read by any thread at any time.
 *
 * <p>An addition is an opaque read and an opaque write, no fence and no contention; a reader may see a value that is a few
 * nanoseconds old, never one torn or lost. Nothing is allocated but once for each 64 new ids.
 */
@SharedByWorkers
public final class WorkerCounters {
    /** Cells before the first and after the last used one: two cache lines, so that no other object's writes disturb them. */
    private static final int PAD = 16;

    private static final int CHUNK_ROWS = 64;
    private static final VarHandle CELLS = MethodHandles.arrayElementVarHandle(long[].class);
    private static final VarHandle CHUNKS = MethodHandles.arrayElementVarHandle(long[][].class);
    private static final int COUNTERS = Counter.values().length;
    private static final int REASONS = Reason.values().length;

    private final long[] totals = new long[PAD + COUNTERS + REASONS + PAD];
    private final long[][][] chunks;
    private final int[] idBounds;

    /** Counters at zero, with room for so many members of each family. */
    public WorkerCounters(SeriesBounds bounds) {
        Family[] families = Family.values();
        this.chunks = new long[families.length][][];
        this.idBounds = new int[families.length];
        for (Family family : families) {
            int bound = bounds.of(family);
            idBounds[family.index()] = bound;
            chunks[family.index()] = new long[bound / CHUNK_ROWS + 1][];
            chunk(family, 0);
        }
    }

    /** Adds 1. The worker only. */
    public void add(Counter counter) {
        bump(totals, PAD + counter.index(), 1);
    }

    /** Adds {@code n}, which may be negative for a gauge. The worker only. */
    public void add(Counter counter, long n) {
        bump(totals, PAD + counter.index(), n);
    }

    /** Counts one refusal. The worker only. */
    public void refused(Reason reason) {
        bump(totals, PAD + COUNTERS + reason.index(), 1);
    }

    /** Counts a final response by the class of its status; a status that is not one of HTTP's counts as 5xx. The worker only. */
    public void responded(int status) {
        int ofClass = status / 100;
        int index = ofClass >= 1 && ofClass <= 5 ? ofClass - 1 : 4;
        bump(totals, PAD + Counter.RESPONSES_1XX.index() + index, 1);
    }

    /**
     * Adds {@code n} to the counter of one member. The worker only.
     *
     * @param id dense id of the member in its family; one beyond the bound, or negative, counts under {@code other}
     */
    public void add(SeriesCounter counter, int id, long n) {
        Family family = counter.family();
        int row = id >= 0 && id < idBounds[family.index()] ? id + 1 : 0;
        long[] chunk = chunks[family.index()][row / CHUNK_ROWS];
        if (chunk == null) {
            chunk = chunk(family, row / CHUNK_ROWS);
        }
        bump(chunk, cell(family, row, counter.column()), n);
    }

    /**
     * Counts a final response of one member by the class of its status. The worker only.
     *
     * @param ofClass1xx the family's counter for 1xx; those of the other classes follow it
     */
    public void responded(SeriesCounter ofClass1xx, int id, int status) {
        Family family = ofClass1xx.family();
        int row = id >= 0 && id < idBounds[family.index()] ? id + 1 : 0;
        long[] chunk = chunks[family.index()][row / CHUNK_ROWS];
        if (chunk == null) {
            chunk = chunk(family, row / CHUNK_ROWS);
        }
        int ofClass = status / 100;
        int index = ofClass >= 1 && ofClass <= 5 ? ofClass - 1 : 4;
        bump(chunk, cell(family, row, ofClass1xx.column() + index), 1);
    }

    /** The counter's value. Any thread. */
    public long value(Counter counter) {
        return (long) CELLS.getOpaque(totals, PAD + counter.index());
    }

    /** How often a reason was counted. Any thread. */
    public long value(Reason reason) {
        return (long) CELLS.getOpaque(totals, PAD + COUNTERS + reason.index());
    }

    /** The counter's value for one member, or for all beyond the bound if {@code id} is. Any thread. */
    public long value(SeriesCounter counter, int id) {
        Family family = counter.family();
        int row = id >= 0 && id < idBounds[family.index()] ? id + 1 : 0;
        long[] chunk = (long[]) CHUNKS.getAcquire(chunks[family.index()], row / CHUNK_ROWS);
        return chunk == null ? 0 : (long) CELLS.getOpaque(chunk, cell(family, row, counter.column()));
    }

    private static int cell(Family family, int row, int column) {
        return PAD + (row % CHUNK_ROWS) * SeriesCounter.columns(family) + column;
    }

    private static void bump(long[] cells, int index, long n) {
        CELLS.setOpaque(cells, index, (long) CELLS.getOpaque(cells, index) + n);
    }

    private long[] chunk(Family family, int number) {
        long[] chunk = new long[PAD + CHUNK_ROWS * SeriesCounter.columns(family) + PAD];
        CHUNKS.setRelease(chunks[family.index()], number, chunk);
        return chunk;
    }
}
