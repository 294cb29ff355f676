package io.penstock.metrics;

import io.penstock.mark.SharedByWorkers;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Heads of requests that one worker has taken: a few of each route, over as long a time as there is room for. Written by that
 * worker alone, read by any other thread without stopping it.
 *
 * <p>Which ones: each route gives 17 at once and then one each 10 s, give or take half of that, so that no rhythm of clients decides; all
 * routes together 20 a second, 256 at once. A new head takes the place of the oldest one of the route that has most, so that
 * one request in a week stays beside a million health checks. Routes whose ids differ by 1024 share their turn.
 *
 * <p>How: each place has a stamp, odd while it is written. A reader copies and looks whether the stamp is still the one that it saw
 * before (a sequence lock: Lameter, "Effective Synchronization on Linux/NUMA Systems", 2005); a copy whose stamp has moved is thrown
 * away. The worker never waits. About 1 MB.
 */
@SharedByWorkers
public final class HeadSamples {
    /** Stands for the route of requests that have none. */
    public static final int NO_ROUTE = -1;

    /** How many heads are kept. */
    public static final int PLACES = 256;

    /** A head that takes more is not kept. */
    public static final int BYTES_MAX = 4096;

    /** What stands before the texts: time, flags and address. */
    static final int PREFIX_BYTES = Long.BYTES + 1 + 16;

    /** What a text takes beside its bytes. */
    public static final int TEXT_PREFIX_BYTES = Short.BYTES;

    private static final int TURNS = 1024;
    private static final long ROUTE_PERIOD_NS = 10_000_000_000L;
    private static final long ROUTE_SLACK_NS = 16 * ROUTE_PERIOD_NS;
    private static final long ALL_PERIOD_NS = 50_000_000L;
    private static final long ALL_SLACK_NS = 255 * ALL_PERIOD_NS;
    private static final long LONG_AGO_NS = Long.MIN_VALUE / 2;
    private static final int TRIES_MAX = 3;

    private static final VarHandle STAMPS = MethodHandles.arrayElementVarHandle(long[].class);

    private final byte[] bytes = new byte[PLACES * BYTES_MAX];
    private final int[] lengths = new int[PLACES];
    private final long[] stamps = new long[PLACES];

    // The worker's own. A turn comes at a time; that of a route which was quiet lies in the past, but not by more than
    // its slack.
    private final long[] turnNs = new long[TURNS];
    private final int[] turnOf = new int[PLACES];
    private final int[] held = new int[TURNS];
    private final long[] numbers = new long[PLACES];
    private long allTurnNs = LONG_AGO_NS;
    private long taken;
    private long chance;
    private int place;
    private int end;

    /**
     * Room without a head.
     *
     * @param seed of the chance that moves turns
     */
    public HeadSamples(long seed) {
        chance = seed | 1;
        Arrays.fill(turnNs, LONG_AGO_NS);
    }

    // ---- the worker's side ----

    /** Whether a head of this route is wanted now. The worker, for each request. */
    public boolean isDue(int route, long nowNs) {
        return nowNs - turnNs[route & (TURNS - 1)] >= 0 && nowNs - allTurnNs >= 0;
    }

    /** The head that is due is too large: its turn is over. The worker. */
    public void pass(int route, long nowNs) {
        int turn = route & (TURNS - 1);
        turnNs[turn] = next(turnNs[turn], nowNs, ROUTE_PERIOD_NS, ROUTE_SLACK_NS);
        allTurnNs = next(allTurnNs, nowNs, ALL_PERIOD_NS, ALL_SLACK_NS);
    }

    /**
     * Begins to write the head that is due; texts follow, then {@link #publish}. The worker.
     *
     * @param epochUs when it came, since 1970
     * @param flags for whoever reads it
     * @param address of the client, 16 bytes
     */
    public void begin(int route, long nowNs, long epochUs, int flags, byte[] address) {
        pass(route, nowNs);
        int turn = route & (TURNS - 1);
        place = freePlace();
        if (numbers[place] > 0) {
            held[turnOf[place]]--;
        }
        numbers[place] = ++taken;
        turnOf[place] = turn;
        held[turn]++;
        STAMPS.setOpaque(stamps, place, stamps[place] + 1);
        // What is written from here on is not seen before the odd stamp.
        VarHandle.storeStoreFence();
        end = place * BYTES_MAX;
        for (int shift = Long.SIZE - Byte.SIZE; shift >= 0; shift -= Byte.SIZE) {
            bytes[end++] = (byte) (epochUs >>> shift);
        }
        bytes[end++] = (byte) flags;
        System.arraycopy(address, 0, bytes, end, 16);
        end += 16;
    }

    /** Adds a text; all of them with their prefixes fit into {@link #textBytesMax}, which the caller has seen to. The worker. */
    public void text(byte[] source, int offset, int length) {
        bytes[end] = (byte) (length >>> Byte.SIZE);
        bytes[end + 1] = (byte) length;
        System.arraycopy(source, offset, bytes, end + TEXT_PREFIX_BYTES, length);
        end += TEXT_PREFIX_BYTES + length;
    }

    /** How many bytes the texts of one head may take, with a prefix for each. */
    public static int textBytesMax() {
        return BYTES_MAX - PREFIX_BYTES;
    }

    /** The head is whole. The worker. */
    public void publish() {
        lengths[place] = end - place * BYTES_MAX;
        STAMPS.setRelease(stamps, place, stamps[place] + 1);
    }

    // A quiet route saves turns up to its slack. Half a period more or less, so that what comes in a rhythm is not
    // always met or always missed.
    private long next(long turn, long nowNs, long periodNs, long slackNs) {
        chance ^= chance << 13;
        chance ^= chance >>> 7;
        chance ^= chance << 17;
        long from = turn - (nowNs - slackNs) > 0 ? turn : nowNs - slackNs;
        return from + periodNs / 2 + Math.floorMod(chance, periodNs);
    }

    // A walk over all places, 20 times a second at most.
    private int freePlace() {
        int best = 0;
        for (int i = 0; i < PLACES; i++) {
            if (numbers[i] == 0) {
                return i;
            }
            int more = held[turnOf[i]] - held[turnOf[best]];
            if (more > 0 || (more == 0 && numbers[i] < numbers[best])) {
                best = i;
            }
        }
        return best;
    }

    // ---- the readers' side ----

    /** Every head that is kept, in no order. Any thread but the worker. */
    public List<HeadSample> read() {
        List<HeadSample> found = new ArrayList<>();
        for (int at = 0; at < PLACES; at++) {
            for (int tries = 0; tries < TRIES_MAX; tries++) {
                byte[] copy = copy(at);
                if (copy.length > 0) {
                    found.add(HeadSample.of(copy));
                    break;
                }
            }
        }
        return found;
    }

    // Empty where there is none, or it was written meanwhile.
    private byte[] copy(int at) {
        long stamp = (long) STAMPS.getAcquire(stamps, at);
        if (stamp == 0 || (stamp & 1) != 0) {
            return new byte[0];
        }
        int length = Math.clamp(lengths[at], 0, BYTES_MAX);
        byte[] copy = Arrays.copyOfRange(bytes, at * BYTES_MAX, at * BYTES_MAX + length);
        // What was read before is not read after the second look.
        VarHandle.loadLoadFence();
        return (long) STAMPS.getOpaque(stamps, at) == stamp ? copy : new byte[0];
    }
}
