package io.penstock.config;

import io.penstock.config.Problems.Scope;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** What lists of {@code auth} must keep, wherever they are written. */
final class AuthRules {
    private static final int ENTRIES_MAX = 16;

    private AuthRules() {}

    static void check(List<AuthConfig> entries, Scope at) {
        if (entries.size() > ENTRIES_MAX) {
            at.add(ConfigProblem.BAD_VALUE, "found " + entries.size() + " entries, wanted at most " + ENTRIES_MAX);
        }
        if (!entries.isEmpty() && entries.stream().noneMatch(AuthConfig::enabled)) {
            at.add(
                    ConfigProblem.BAD_VALUE,
                    "every entry is disabled, and nothing would be asked of anybody",
                    "write anonymous if everybody may pass, or leave auth out for what is inherited");
        }
        for (int i = 0; i < entries.size(); i++) {
            switch (entries.get(i)) {
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
                case AllOfAuthConfig all -> checkAllOf(all, at.in(i));
                default -> checkEntry(entries.get(i), at.in(i));
            }
        }
    }

    private static void checkEntry(AuthConfig entry, Scope at) {
        entry.ownTls().ifPresent(tls -> TlsRules.check(tls, at.in("tls")));
        switch (entry) {
            case PluginAuthConfig plugin -> PluginRules.checkUse(plugin.use(), plugin.resolved(), at);
            case HmacAuthConfig hmac -> RouteRules.checkDistinct(hmac.components(), at.in("components"));
            case JwtAuthConfig jwt -> RouteRules.checkDistinct(jwt.algorithms(), at.in("algorithms"));
            case IntrospectionAuthConfig introspection ->
                RouteRules.checkDistinct(introspection.scopes(), at.in("scopes"));
            case ForwardAuthConfig forward -> {}
            case OidcAuthConfig oidc -> {
                RouteRules.checkDistinct(oidc.scopes(), at.in("scopes"));
                RouteRules.checkDistinct(oidc.algorithms(), at.in("algorithms"));
            }
            case ApiKeyAuthConfig apiKey -> {}
            case BasicAuthConfig basic -> {}
            case AnonymousAuthConfig anonymous -> {}
            case GroupsAuthConfig groups -> {}
            case ClientCertificateAuthConfig certificate -> {}
            case AllOfAuthConfig all -> {}
        }
    }

    private static void checkAllOf(AllOfAuthConfig all, Scope at) {
        Set<AuthConfig> seen = new HashSet<>();
        for (int i = 0; i < all.allOf().size(); i++) {
            AuthConfig entry = all.allOf().get(i);
            Scope place = at.in("allOf").in(i);
            if (!entry.enabled()) {
                place.add(
                        ConfigProblem.BAD_VALUE,
                        "the entry is disabled, and the others would let pass who has less than all of them",
                        "take it out if it is not needed, or disable the allOf");
            }
            switch (entry) {
                case AnonymousAuthConfig anonymous ->
                    place.add(
                            ConfigProblem.BAD_VALUE,
                            "anonymous finds nobody, and allOf needs each of its entries",
                            "write anonymous last in auth, behind the allOf, or leave it out");
                case GroupsAuthConfig groups ->
                    place.add(
                            ConfigProblem.BAD_VALUE,
                            "groups looks at what the entries have found out, and is none of them",
                            "write groups last in auth, behind the allOf");
                case AllOfAuthConfig nested ->
                    place.add(
                            ConfigProblem.BAD_VALUE,
                            "an allOf inside of an allOf needs the same entries",
                            "write its entries into the outer one");
                default -> checkEntry(entry, place);
            }
            if (!seen.add(entry)) {
                place.add(
                        ConfigProblem.DUPLICATE,
                        "the same entry stands there twice, and one credential cannot be two",
                        "leave one out, or have them look for their credentials in different places");
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
