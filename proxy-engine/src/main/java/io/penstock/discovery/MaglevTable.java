package io.penstock.discovery;

import io.penstock.limit.KeyHash;
import io.penstock.mark.SharedByWorkers;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Which endpoint a hash belongs to, by weight, so that few hashes move when an endpoint comes or goes. Immutable: made on
 * the control thread, shared by all workers. The same endpoints give the same table in every process.
 *
 * <p>Each endpoint has a permutation of all slots, by two hashes of its address; in turns, each takes the next slot of its
 * permutation that is still free, the heaviest in every round and the others in as many as their weight says. Source: D. E.
 * Eisenbud et al., Maglev: A Fast and Reliable Software Network Load Balancer, NSDI 2016, section 3.4; weights as in
 * Envoy's maglev_lb.cc.
 */
@SharedByWorkers
public final class MaglevTable {
    /** A prime, and a hundred times as many as most upstreams have endpoints: shares are then exact to one percent. */
    public static final int SLOTS = 65_537;

    /** Endpoints beyond so many get no slot. */
    static final int MEMBERS_MAX = 10_000;

    private static final char FREE = Character.MAX_VALUE;

    private final List<Member> members;
    private final char[] slots;

    /** What the table depends on. */
    private record Member(InetSocketAddress address, int weight) {}

    private MaglevTable(List<Member> members) {
        this.members = members;
        this.slots = filled(members);
    }

    /** The table of these endpoints, by their place in the list; those of weight 0 have no slot. */
    public static MaglevTable of(List<EndpointSpec> endpoints) {
        return new MaglevTable(membersOf(endpoints));
    }

    /** Whether it is the table of these endpoints. */
    boolean isOf(List<EndpointSpec> endpoints) {
        return members.equals(membersOf(endpoints));
    }

    /** The place of the endpoint that a hash belongs to; -1 if none has any weight. */
    public int endpointOf(long hash) {
        char place = slots[(int) Long.remainderUnsigned(hash, SLOTS)];
        return place == FREE ? -1 : place;
    }

    private static List<Member> membersOf(List<EndpointSpec> endpoints) {
        List<Member> members = new ArrayList<>();
        for (EndpointSpec endpoint : endpoints.subList(0, Math.min(endpoints.size(), MEMBERS_MAX))) {
            members.add(new Member(endpoint.address(), endpoint.weight()));
        }
        return List.copyOf(members);
    }

    private static char[] filled(List<Member> members) {
        char[] slots = new char[SLOTS];
        Arrays.fill(slots, FREE);
        int count = members.size();
        int weightMax = members.stream().mapToInt(Member::weight).max().orElse(0);
        if (weightMax == 0) {
            return slots;
        }
        int[] next = new int[count];
        int[] skip = new int[count];
        long[] due = new long[count];
        for (int i = 0; i < count; i++) {
            String name = EndpointDirectory.seriesName(members.get(i).address());
            next[i] = (int) Long.remainderUnsigned(KeyHash.ofName("offset " + name), SLOTS);
            skip[i] = (int) Long.remainderUnsigned(KeyHash.ofName("skip " + name), SLOTS - 1) + 1;
            due[i] = weightMax;
        }
        int taken = 0;
        for (long round = 1; taken < SLOTS; round++) {
            for (int i = 0; i < count && taken < SLOTS; i++) {
                int weight = members.get(i).weight();
                if (weight == 0 || round * weight < due[i]) {
                    continue;
                }
                due[i] += weightMax;
                while (slots[next[i]] != FREE) {
                    next[i] = (next[i] + skip[i]) % SLOTS;
                }
                slots[next[i]] = (char) i;
                taken++;
            }
        }
        return slots;
    }
}
