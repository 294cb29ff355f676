package io.penstock.upstream;

import io.penstock.config.UpstreamConfig;
import io.penstock.config.UpstreamTlsConfig;
import io.penstock.discovery.EndpointSet;
import io.penstock.discovery.GrantCheck;
import io.penstock.limit.Circuits;
import io.penstock.limit.PermitTable;
import io.penstock.mark.SharedByWorkers;
import io.penstock.transport.tls.ClientContext;
import java.util.Arrays;
import java.util.Map;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * All upstreams of one revision. Immutable; a plan shares with the one before it whatever did not change.
 *
 * <p>Specs lie in buckets by the hash of their name. An edit copies the list of buckets and the buckets it touches, and a
 * worker that adopts a plan looks only into buckets that are not the same array as before: both cost what changed, beside
 * a constant of {@value #BUCKETS} references.
 */
@SharedByWorkers
public final class UpstreamPlan {
    /** How many slots of a permit table each upstream takes. */
    public static final int PERMIT_SLOTS = 2;

    private static final String CONNECTIONS = "pool/";
    private static final String PENDING = "pending/";
    private static final int BUCKETS = 1024;
    private static final UpstreamSpec[] NONE = new UpstreamSpec[0];
    private static final UpstreamPlan EMPTY = new UpstreamPlan(emptyBuckets(), 0, GrantCheck.nothing(), Map.of());

    private final UpstreamSpec[][] buckets;
    private final int nextId;
    private final GrantCheck ownGrants;
    private final Map<UpstreamTlsConfig, ClientContext> ownTls;

    private UpstreamPlan(
            UpstreamSpec[][] buckets, int nextId, GrantCheck ownGrants, Map<UpstreamTlsConfig, ClientContext> ownTls) {
        this.buckets = buckets;
        this.nextId = nextId;
        this.ownGrants = ownGrants;
        this.ownTls = ownTls;
    }

    /** What requests of filters' own may reach, beside their own grants. */
    GrantCheck ownGrants() {
        return ownGrants;
    }

    /** How requests of filters' own speak TLS, by what their filters' settings say of it. */
    Map<UpstreamTlsConfig, ClientContext> ownTls() {
        return ownTls;
    }

    /** The plan without upstreams. */
    public static UpstreamPlan empty() {
        return EMPTY;
    }

    /** The id of an upstream; empty if it is not in this plan. */
    public OptionalInt idOf(String name) {
        UpstreamSpec spec = find(name);
        return spec == null ? OptionalInt.empty() : OptionalInt.of(spec.id());
    }

    /**
     * Gives the permit slots of an upstream back that is in no plan any more, neither in one that failed to be published
     * nor in one that some worker still runs. Control thread.
     */
    public static void retire(String name, PermitTable permits) {
        permits.retire(CONNECTIONS + name);
        permits.retire(PENDING + name);
    }

    /** Begins the next plan; this one stays as it is. */
    public Edit edit() {
        return new Edit(this);
    }

    // Absence is the normal answer for every new upstream; callers are of this package.
    @Nullable
    UpstreamSpec find(String name) {
        UpstreamSpec[] bucket = buckets[bucketOf(name)];
        int index = indexIn(bucket, name);
        return index < 0 ? null : bucket[index];
    }

    /** Tells what must be done to get from {@code before} to this plan: first what is gone, then what is new or other. */
    @SuppressWarnings(
            "ReferenceEquality") // What did not change is the same object; only that makes the comparison cheap.
    void changesSince(UpstreamPlan before, Changes changes) {
        for (int i = 0; i < BUCKETS; i++) {
            if (buckets[i] != before.buckets[i]) {
                for (UpstreamSpec old : before.buckets[i]) {
                    if (indexIn(buckets[i], old.name()) < 0) {
                        changes.removed(old);
                    }
                }
            }
        }
        for (int i = 0; i < BUCKETS; i++) {
            if (buckets[i] != before.buckets[i]) {
                for (UpstreamSpec spec : buckets[i]) {
                    int index = indexIn(before.buckets[i], spec.name());
                    if (index < 0 || before.buckets[i][index] != spec) {
                        changes.put(spec);
                    }
                }
            }
        }
    }

    private static UpstreamSpec[][] emptyBuckets() {
        UpstreamSpec[][] buckets = new UpstreamSpec[BUCKETS][];
        Arrays.fill(buckets, NONE);
        return buckets;
    }

    private static int bucketOf(String name) {
        int hash = name.hashCode() * 0x9E3779B9;
        return hash >>> 22;
    }

    private static int indexIn(UpstreamSpec[] bucket, String name) {
        for (int i = 0; i < bucket.length; i++) {
            if (bucket[i].name().equals(name)) {
                return i;
            }
        }
        return -1;
    }

    /** What differs between two plans. */
    interface Changes {
        void removed(UpstreamSpec spec);

        void put(UpstreamSpec spec);
    }

    /** A plan in the making; used by one thread, the control thread. */
    public static final class Edit {
        private final UpstreamSpec[][] buckets;
        private int nextId;
        private GrantCheck ownGrants;
        private Map<UpstreamTlsConfig, ClientContext> ownTls;

        private Edit(UpstreamPlan from) {
            this.buckets = from.buckets.clone();
            this.nextId = from.nextId;
            this.ownGrants = from.ownGrants;
            this.ownTls = from.ownTls;
        }

        /** Says what requests of filters' own may reach. */
        public void ownGrants(GrantCheck grants) {
            ownGrants = grants;
        }

        /** Says how requests of filters' own speak TLS. */
        public void ownTls(Map<UpstreamTlsConfig, ClientContext> contexts) {
            ownTls = Map.copyOf(contexts);
        }

        /**
         * Puts an upstream, new or other than before.
         *
         * @param permits where its connections and waiting requests are counted; gives it slots of its own
         * @param circuits where its circuit is kept
         * @return its id: the same as long as an upstream of this name exists, else one that was never used
         * @throws IllegalStateException if {@code permits} has no slot left
         */
        public int put(UpstreamConfig config, EndpointSet endpoints, PermitTable permits, Circuits circuits) {
            return put(config, endpoints, permits, circuits, null);
        }

        /**
         * Puts an upstream, new or other than before, with whose endpoints TLS is spoken.
         *
         * @param tls null for clear text
         */
        public int put(
                UpstreamConfig config,
                EndpointSet endpoints,
                PermitTable permits,
                Circuits circuits,
                @Nullable ClientContext tls) {
            UpstreamSpec[] bucket = buckets[bucketOf(config.name())];
            int index = indexIn(bucket, config.name());
            int id = index >= 0 ? bucket[index].id() : nextId();
            put(UpstreamSpec.compile(
                    id,
                    config,
                    endpoints,
                    permits.slotOf(CONNECTIONS + config.name()),
                    permits.slotOf(PENDING + config.name()),
                    circuits.of(config.name()),
                    tls));
            return id;
        }

        /** Removes an upstream; of no effect if there is none. */
        public void remove(String name) {
            UpstreamSpec[] bucket = buckets[bucketOf(name)];
            int index = indexIn(bucket, name);
            if (index >= 0) {
                UpstreamSpec[] next = Arrays.copyOf(bucket, bucket.length - 1);
                System.arraycopy(bucket, index + 1, next, index, next.length - index);
                buckets[bucketOf(name)] = next;
            }
        }

        /** The plan. The edit must not be used afterwards. */
        public UpstreamPlan done() {
            return new UpstreamPlan(buckets, nextId, ownGrants, ownTls);
        }

        void put(UpstreamSpec spec) {
            UpstreamSpec[] bucket = buckets[bucketOf(spec.name())];
            int index = indexIn(bucket, spec.name());
            UpstreamSpec[] next = Arrays.copyOf(bucket, index < 0 ? bucket.length + 1 : bucket.length);
            next[index < 0 ? bucket.length : index] = spec;
            buckets[bucketOf(spec.name())] = next;
        }

        // Ids are never used twice, so that an exchange that began under an older plan cannot reach another upstream.
        private int nextId() {
            if (nextId == Integer.MAX_VALUE) {
                throw new IllegalStateException("all upstream ids of this process are used up; restart it");
            }
            return nextId++;
        }
    }
}
