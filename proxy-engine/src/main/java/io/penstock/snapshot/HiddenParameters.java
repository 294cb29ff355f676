package io.penstock.snapshot;

import io.penstock.config.AllOfAuthConfig;
import io.penstock.config.ApiKeyAuthConfig;
import io.penstock.config.AuthConfig;
import io.penstock.config.ConfigDiff;
import io.penstock.config.LevelConfig;
import io.penstock.config.ProxyConfig;
import io.penstock.config.Resource;
import io.penstock.config.ResourceChange;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Query parameters that hold keys anywhere in the configuration. None of them is written down, whichever route a request takes
 * or however early it is refused: a client that mistakes the route has sent its key all the same. Immutable.
 */
public final class HiddenParameters {
    /** None. */
    public static final HiddenParameters NONE = new HiddenParameters(Map.of());

    // How many entries name each.
    private final Map<String, Integer> counts;
    private final List<String> names;

    private HiddenParameters(Map<String, Integer> counts) {
        this.counts = Map.copyOf(counts);
        this.names = List.copyOf(counts.keySet());
    }

    /** Their decoded names. */
    public List<String> names() {
        return names;
    }

    /** Those of the next configuration; this where nothing is different. */
    HiddenParameters next(ConfigDiff diff, ProxyConfig before, ProxyConfig after) {
        Map<String, Integer> next = new HashMap<>(counts);
        if (diff.defaultsChanged()) {
            count(before.defaults().auth(), -1, next);
            count(after.defaults().auth(), 1, next);
        }
        for (ResourceChange change : diff.changes()) {
            change.before().ifPresent(resource -> count(resource, -1, next));
            change.after().ifPresent(resource -> count(resource, 1, next));
        }
        return next.equals(counts) ? this : new HiddenParameters(next);
    }

    private static void count(Resource resource, int step, Map<String, Integer> into) {
        if (resource instanceof LevelConfig level) {
            count(level.auth(), step, into);
        }
    }

    private static void count(List<AuthConfig> entries, int step, Map<String, Integer> into) {
        for (AuthConfig entry : entries) {
            if (entry instanceof ApiKeyAuthConfig apiKey) {
                apiKey.query().ifPresent(name -> into.merge(name, step, HiddenParameters::sum));
            } else if (entry instanceof AllOfAuthConfig all) {
                count(all.allOf(), step, into);
            }
        }
    }

    // Null takes the name out of the map.
    @SuppressWarnings("NullAway") // the contract of Map.merge
    private static Integer sum(Integer count, Integer step) {
        int left = count + step;
        return left == 0 ? null : left;
    }
}
