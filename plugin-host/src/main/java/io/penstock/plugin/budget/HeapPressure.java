package io.penstock.plugin.budget;

import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has plugins' contexts made anew while the heap is full of what is kept, so that a plugin whose globals grow with every
 * request takes its own route down and not the gateway.
 *
 * <p>Nobody can say cheaply what a context keeps: objects of all scripts lie in one heap. So this guesses by what contexts
 * have allocated and judges by what happens. While the old generation, right after a collection, is fuller than
 * {@link #FULL_SHARE}, versions are made anew one at a time, the one that allocated most first. What a renewal was worth
 * is known at the collections after the old contexts are closed; only a version that gave {@link #GOOD_SHARE} of the
 * old generation back was a leak. Another that allocates much and keeps little has lost its globals, which may vanish at
 * any time, and no more.
 *
 * <p>Its old contexts serve until the new ones are there, as long as the heap allows: what is fuller than {@link
 * #CRITICAL_SHARE}, or still full at the next collection, cannot wait for that.
 *
 * <p>Each version that has allocated enough to matter has one turn. When all have had theirs and the heap is still full,
 * something else fills it, and they are left alone for {@link #REST_NS}. Collectors that work beside the program may tell
 * of a moment before the contexts were closed, so that a version is not given up before the second collection.
 *
 * <p>Confined to the thread that calls {@link #look}.
 */
public final class HeapPressure {
    /** Fuller than this right after a collection is too full. */
    static final double FULL_SHARE = 0.85;

    /** Fuller than this there is no time to make new contexts first. */
    static final double CRITICAL_SHARE = 0.95;

    /** Who gives back at least this much of the old generation was a leak. */
    static final double GOOD_SHARE = 0.1;

    /** Between one renewal and the next at least. */
    static final long ROUND_NS_MIN = 100_000_000L;

    /** A worker that stands still does not keep the others from being relieved for longer. */
    static final long CLOSING_NS_MAX = 10_000_000_000L;

    /** After all had their turn in vain. */
    static final long REST_NS = 60_000_000_000L;

    /** So many collections are waited for at least, and {@link #JUDGE_NS}: those that work beside the program free bit by bit. */
    static final int COLLECTIONS_MIN = 2;

    /** So many at most: where they come that fast, there is no time to wait for more. */
    static final int COLLECTIONS_MAX = 8;

    /** From the end of a version's old contexts until it is known what they kept. */
    static final long JUDGE_NS = 2_000_000_000L;

    // How far what is known of an allocation may be off.
    private static final int SAMPLE_ERROR = 2;

    private static final Logger LOG = LoggerFactory.getLogger(HeapPressure.class);
    private static final int PERCENT = 100;
    private static final int MIB_BITS = 20;

    private final HeapMeter meter;
    private final LongSupplier clock;
    private final Supplier<? extends List<? extends HeapTenant>> tenants;
    private final Set<HeapTenant> hadTheirTurn = new HashSet<>();
    private @Nullable Round round;
    private long notBeforeNs;
    private boolean isResting;
    private long restedNs;

    private static final class Round {
        private final HeapTenant tenant;
        private final long beganNs;
        private final long usedBefore;
        private final long allocatedBytes;
        private boolean isClosed;
        private boolean isHurried;
        private long closedNs;
        private long usedLast;
        private int collections;

        Round(HeapTenant tenant, long beganNs, long usedBefore) {
            this.tenant = tenant;
            this.beganNs = beganNs;
            this.usedBefore = usedBefore;
            this.usedLast = usedBefore;
            this.allocatedBytes = tenant.allocatedBytes();
        }
    }

    /**
     * Makes one.
     *
     * @param tenants those that could be made anew now
     */
    public HeapPressure(HeapMeter meter, LongSupplier clock, Supplier<? extends List<? extends HeapTenant>> tenants) {
        this.meter = meter;
        this.clock = clock;
        this.tenants = tenants;
        this.notBeforeNs = clock.getAsLong();
    }

    /** Looks at the heap once, and does what is due. */
    public void look() {
        long nowNs = clock.getAsLong();
        Round open = round;
        if (open != null) {
            judge(open, nowNs);
        } else if (nowNs - notBeforeNs >= 0) {
            begin(nowNs);
        }
    }

    private void begin(long nowNs) {
        HeapMeter.Reading left = meter.read();
        if (!left.isFull()) {
            hadTheirTurn.clear();
            isResting = false;
            return;
        }
        if (isResting && nowNs - restedNs >= 0) {
            hadTheirTurn.clear();
            isResting = false;
        }
        // Nobody keeps more than it has allocated, and who has allocated little loses its globals for nothing.
        Optional<? extends HeapTenant> next = tenants.get().stream()
                .filter(tenant -> !hadTheirTurn.contains(tenant) && mayKeep(tenant, left.maxBytes() * GOOD_SHARE))
                .max(Comparator.comparingLong(HeapTenant::allocatedBytes));
        long percent = Math.round(left.share() * PERCENT);
        if (next.isEmpty()) {
            if (!isResting) {
                LOG.error(
                        "the heap is full: {} % of the old generation is kept, and it is not what plugins keep; give it more",
                        percent);
                isResting = true;
                restedNs = nowNs + REST_NS;
            }
            return;
        }
        HeapTenant tenant = next.orElseThrow();
        hadTheirTurn.add(tenant);
        round = new Round(tenant, nowNs, left.usedBytes());
        String why = percent + " % of the old generation is kept; its contexts, which have allocated about "
                + (tenant.allocatedBytes() >> MIB_BITS) + " MiB, are made anew";
        LOG.warn("plugin {}: {}", tenant.name(), why);
        tenant.renew(why);
        if (left.share() > CRITICAL_SHARE) {
            hurry(round);
        }
    }

    private static boolean mayKeep(HeapTenant tenant, double bytes) {
        return tenant.allocatedBytes() * SAMPLE_ERROR >= bytes;
    }

    private static void hurry(Round open) {
        open.isHurried = true;
        open.tenant.hurry();
    }

    // Any collection tells another number than the one before it.
    private void judge(Round open, long nowNs) {
        HeapMeter.Reading left = meter.read();
        if (!open.isClosed) {
            open.isClosed = open.tenant.isRenewed() || nowNs - open.beganNs > CLOSING_NS_MAX;
            // Another collection has come before the new contexts, and found no room either.
            if (!open.isClosed && !open.isHurried && left.isFull() && left.usedBytes() != open.usedLast) {
                hurry(open);
            }
            open.usedLast = left.usedBytes();
            open.closedNs = nowNs;
            return;
        }
        if (left.usedBytes() == open.usedLast) {
            return;
        }
        open.usedLast = left.usedBytes();
        open.collections++;
        long freed = open.usedBefore - left.usedBytes();
        boolean isMuch = freed >= left.maxBytes() * GOOD_SHARE;
        // Nobody keeps more than it has allocated; else another's garbage was found in this round.
        if (isMuch && open.allocatedBytes * SAMPLE_ERROR >= freed) {
            open.tenant.leaked(freed);
        }
        boolean wasLong = open.collections >= COLLECTIONS_MIN && nowNs - open.closedNs >= JUDGE_NS;
        if (isMuch || wasLong || open.collections >= COLLECTIONS_MAX) {
            round = null;
            notBeforeNs = open.beganNs + ROUND_NS_MIN;
        }
    }
}
