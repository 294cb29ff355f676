package io.penstock.engine;

import io.penstock.config.AllOfAuthConfig;
import io.penstock.config.AuthConfig;
import io.penstock.config.FilterConfig;
import io.penstock.config.LevelConfig;
import io.penstock.config.NamedMap;
import io.penstock.config.PluginAuthConfig;
import io.penstock.config.PluginFilterConfig;
import io.penstock.config.ProxyConfig;
import io.penstock.config.Resource;
import io.penstock.config.ResourceRef;
import io.penstock.config.ResourceType;
import io.penstock.config.UpstreamTlsConfig;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;

/**
 * In which ways filters speak TLS where they ask by requests of their own, as one revision says: how many entries name each. The next
 * revision's are found by what changed. Immutable.
 */
final class OwnTls {
    static final OwnTls NONE = new OwnTls(Map.of());

    private static final List<ResourceType> LEVELS =
            List.of(ResourceType.POLICIES, ResourceType.API_GROUPS, ResourceType.SERVICES, ResourceType.ROUTES);

    /** What plugins fetch: their settings are their own, and say nothing of it. */
    private static final UpstreamTlsConfig USUAL = UpstreamTlsConfig.usual();

    private final Map<UpstreamTlsConfig, Integer> counts;

    private OwnTls(Map<UpstreamTlsConfig, Integer> counts) {
        this.counts = counts;
    }

    /** The ways, each once. */
    Set<UpstreamTlsConfig> ways() {
        return counts.keySet();
    }

    /** What they are after a change; the same if it is none of them. */
    OwnTls after(ProxyConfig before, ProxyConfig after) {
        Map<UpstreamTlsConfig, Integer> next = new HashMap<>(counts);
        if (!before.defaults().equals(after.defaults())) {
            count(before.defaults(), -1, next);
            count(after.defaults(), 1, next);
        }
        recount(before.policies(), after.policies(), next);
        recount(before.apiGroups(), after.apiGroups(), next);
        recount(before.services(), after.services(), next);
        recount(before.routes(), after.routes(), next);
        return next.equals(counts) ? this : new OwnTls(Map.copyOf(next));
    }

    private static <L extends Resource & LevelConfig> void recount(
            NamedMap<L> before, NamedMap<L> after, Map<UpstreamTlsConfig, Integer> counts) {
        NamedMap.diff(before, after, (name, old, next) -> {
            if (old != null) {
                count(old, -1, counts);
            }
            if (next != null) {
                count(next, 1, counts);
            }
        });
    }

    private static void count(LevelConfig level, int by, Map<UpstreamTlsConfig, Integer> counts) {
        for (FilterConfig filter : level.filters()) {
            if (filter instanceof PluginFilterConfig) {
                add(USUAL, by, counts);
            }
        }
        entries(level, (pointer, entry) -> {
            if (entry instanceof PluginAuthConfig) {
                add(USUAL, by, counts);
            }
            entry.ownTls().ifPresent(tls -> add(tls, by, counts));
        });
    }

    private static void add(UpstreamTlsConfig tls, int by, Map<UpstreamTlsConfig, Integer> counts) {
        int sum = counts.getOrDefault(tls, 0) + by;
        if (sum == 0) {
            counts.remove(tls);
        } else {
            counts.put(tls, sum);
        }
    }

    private static void entries(LevelConfig level, BiConsumer<String, AuthConfig> each) {
        for (int i = 0; i < level.auth().size(); i++) {
            AuthConfig entry = level.auth().get(i);
            List<AuthConfig> members = entry.members();
            for (int j = 0; j < members.size(); j++) {
                each.accept("/auth/" + i + (entry instanceof AllOfAuthConfig ? "/allOf/" + j : ""), members.get(j));
            }
        }
    }

    /**
     * A place of a configuration.
     *
     * @param pointer of the entry in it; empty where a plugin is named
     */
    record Place(ResourceRef ref, String pointer) {}

    /** The first place that names a way; reads all of the configuration, so only where something is wrong. */
    static Place placeOf(UpstreamTlsConfig tls, ProxyConfig config) {
        Optional<Place> found = placeIn(ResourceRef.DEFAULTS, config.defaults(), tls);
        for (ResourceType type : LEVELS) {
            for (Resource resource : config.all(type)) {
                if (found.isEmpty() && resource instanceof LevelConfig level) {
                    found = placeIn(ResourceRef.of(type, resource.name()), level, tls);
                }
            }
        }
        return found.orElse(new Place(ResourceRef.DEFAULTS, ""));
    }

    private static Optional<Place> placeIn(ResourceRef ref, LevelConfig level, UpstreamTlsConfig tls) {
        List<Place> places = new ArrayList<>();
        entries(level, (pointer, entry) -> {
            if (entry.ownTls().equals(Optional.of(tls))) {
                places.add(new Place(ref, pointer + "/tls"));
            }
        });
        return places.stream().findFirst();
    }
}
