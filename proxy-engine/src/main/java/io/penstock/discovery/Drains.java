package io.penstock.discovery;

import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The drains in force, by target. Immutable. */
final class Drains {
    static final Drains NONE = new Drains(List.of());

    private final Map<Target, Instant> untils = new HashMap<>();

    private record Target(String upstream, String authority) {}

    Drains(List<EndpointDrain> drains) {
        for (EndpointDrain drain : drains) {
            untils.put(new Target(drain.upstream(), drain.authority()), drain.until());
        }
    }

    /** When the drain of a target ends; empty if none is in force. */
    Optional<Instant> until(String upstream, String authority, Instant now) {
        return Optional.ofNullable(untils.get(new Target(upstream, authority))).filter(now::isBefore);
    }

    /** Upstreams with a target that is drained, or was. */
    Set<String> upstreams() {
        Set<String> names = new HashSet<>();
        untils.keySet().forEach(target -> names.add(target.upstream()));
        return names;
    }

    /** When the next of them ends; empty if none is in force. */
    Optional<Instant> nextEnd(Instant now) {
        return untils.values().stream().filter(now::isBefore).min(Instant::compareTo);
    }
}
