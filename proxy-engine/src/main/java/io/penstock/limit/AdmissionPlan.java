package io.penstock.limit;

import io.penstock.config.AdmissionConfig;
import io.penstock.config.PriorityConfig;
import io.penstock.config.QueueOrder;
import io.penstock.http.Fields;
import io.penstock.mark.SharedByWorkers;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The admission of one level of the config, compiled: how many exchanges may be past it at once, who goes first, and how many
 * may wait for how long.
 *
 * <p>Immutable. Its cells in a {@link KeyedPermitTable} are found by where it was written and nothing else, so that a plan
 * that is changed goes on with what its exchanges hold.
 */
@SharedByWorkers
public final class AdmissionPlan {
    /** How many classes of priority there are at most, the one of requests that fit no other among them. */
    public static final int RANKS_MAX = AdmissionConfig.PRIORITIES_MAX + 1;

    private final String name;
    private final byte[] nameBytes;
    private final long identity;
    private final AdmissionConfig config;
    private final PriorityRule[] rules;
    private final long timeoutNs;
    private final long retryAfterNs;
    private final long[] high = new long[2 + RANKS_MAX];
    private final long[] low = new long[2 + RANKS_MAX];

    private AdmissionPlan(String name, AdmissionConfig config) {
        this.name = name;
        this.nameBytes = name.getBytes(StandardCharsets.UTF_8);
        this.identity = KeyHash.ofName(name);
        this.config = config;
        List<PriorityConfig> priorities = config.priorities();
        this.rules = new PriorityRule[priorities.size()];
        for (int i = 0; i < rules.length; i++) {
            rules[i] = PriorityRule.of(priorities.get(i));
        }
        this.timeoutNs = config.queue().timeout().toNanos();
        this.retryAfterNs = config.retryAfter().toNanos();
        for (int i = 0; i < high.length; i++) {
            high[i] = KeyHash.ofName("admission/" + i + "/" + name);
            low[i] = KeyHash.ofName("admission-low/" + i + "/" + name);
        }
    }

    /**
     * Compiles an admission.
     *
     * @param name where it is written, which is what shares it: {@code defaults}, {@code service orders}, ...
     */
    public static AdmissionPlan of(String name, AdmissionConfig config) {
        return new AdmissionPlan(name, config);
    }

    /** Where it is written. */
    public String name() {
        return name;
    }

    /** Where it is written, in UTF-8; not to be written to. */
    public byte[] nameBytes() {
        return nameBytes;
    }

    /** Stands for the name, the same in every revision and process. */
    public long identity() {
        return identity;
    }

    /** What it was compiled from. */
    public AdmissionConfig config() {
        return config;
    }

    /** How many exchanges may be past it at once. */
    public int concurrency() {
        return config.concurrency();
    }

    /** How many may wait at once. */
    public int queueMax() {
        return config.queue().max();
    }

    /** How long one may wait, in nanoseconds. */
    public long timeoutNs() {
        return timeoutNs;
    }

    /** When a client that was turned away may come again, in nanoseconds. */
    public long retryAfterNs() {
        return retryAfterNs;
    }

    /** Whether the newest go first while the queue does not empty. */
    public boolean isAdaptive() {
        return config.queue().order() == QueueOrder.ADAPTIVE;
    }

    /** How many classes of priority there are, at least 1. */
    public int ranks() {
        return rules.length + 1;
    }

    /**
     * The class of a request: 0 goes first, {@link #ranks()} - 1 last.
     *
     * @param consumer who calls; null if nobody knows
     * @param groups what the caller belongs to
     * @param route by name
     */
    public int rankOf(Fields fields, @Nullable String consumer, List<String> groups, String route) {
        for (int i = 0; i < rules.length; i++) {
            if (rules[i].holds(fields, consumer, groups, route)) {
                return i;
            }
        }
        return rules.length;
    }

    /** Takes a place past admission, if fewer than {@code max} are taken; as {@link KeyedPermitTable#tryAcquire}. */
    public int tryPass(KeyedPermitTable table, long max) {
        return table.tryAcquire(high[0], low[0], max);
    }

    /**
     * Takes a place in the queue, whose bound holds over all workers; as {@link KeyedPermitTable#tryAcquire}.
     *
     * @param beyond places besides, of those who are to make room
     */
    public int tryWait(KeyedPermitTable table, long beyond) {
        return table.tryAcquire(high[1], low[1], queueMax() + beyond);
    }

    /** Counts one that waits in a class; as {@link KeyedPermitTable#tryAcquire}. */
    public int countWaiting(KeyedPermitTable table, int rank) {
        return table.tryAcquire(high[2 + rank], low[2 + rank], Integer.MAX_VALUE);
    }

    /** How many are past admission, on all workers. */
    public long passed(KeyedPermitTable table) {
        return table.inUse(high[0], low[0]);
    }

    /** How many wait, on all workers. */
    public long waiting(KeyedPermitTable table) {
        return table.inUse(high[1], low[1]);
    }

    /** How many of a class wait, on all workers. */
    public long waiting(KeyedPermitTable table, int rank) {
        return table.inUse(high[2 + rank], low[2 + rank]);
    }
}
