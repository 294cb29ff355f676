package io.penstock.config;

import io.penstock.config.Problems.Scope;
import java.util.List;

/** What lists of {@code auth} must keep, wherever they are written. */
final class AuthRules {
    private static final int ENTRIES_MAX = 16;

    private AuthRules() {}

    static void check(List<AuthConfig> entries, Scope at) {
        if (entries.size() > ENTRIES_MAX) {
            at.add(ConfigProblem.BAD_VALUE, "found " + entries.size() + " entries, wanted at most " + ENTRIES_MAX);
        }
        for (int i = 0; i < entries.size(); i++) {
            switch (entries.get(i)) {
                case PluginAuthConfig plugin -> PluginRules.checkUse(plugin.use(), plugin.resolved(), at.in(i));
                case ApiKeyAuthConfig apiKey -> {}
                case BasicAuthConfig basic -> {}
                case HmacAuthConfig hmac ->
                    RouteRules.checkDistinct(hmac.components(), at.in(i).in("components"));
                case JwtAuthConfig jwt ->
                    RouteRules.checkDistinct(jwt.algorithms(), at.in(i).in("algorithms"));
                case GroupsAuthConfig groups -> checkGroups(entries, i, groups, at.in(i));
                case AnonymousAuthConfig anonymous -> {
                    if (i < entries.size() - 1) {
                        at.in(i)
                                .add(
                                        ConfigProblem.BAD_VALUE,
                                        "anonymous lets everybody pass, and " + (entries.size() - 1 - i)
                                                + " entries behind it would never be asked",
                                        "write it last");
                    }
                }
            }
        }
    }

    private static void checkGroups(List<AuthConfig> entries, int place, GroupsAuthConfig groups, Scope at) {
        RouteRules.checkDistinct(groups.allow(), at.in("allow"));
        if (place == 0 || place < entries.size() - 1) {
            at.add(
                    ConfigProblem.BAD_VALUE,
                    "groups looks at what the other entries have found out, and "
                            + (place == 0 ? "none stands before it" : "others stand behind it"),
                    "write it last, behind the ways to find out who calls");
        }
    }
}
