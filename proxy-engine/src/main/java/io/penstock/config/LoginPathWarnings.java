package io.penstock.config;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Finds paths of logins that no route takes which asks for that login: browsers that are sent back would end in a 404, or at a stranger's. */
final class LoginPathWarnings {
    private final ProxyConfig config;
    // Each is looked for once: with a login in the defaults every route has it.
    private final Map<Sought, Boolean> taken = new HashMap<>();

    private record Sought(OidcAuthConfig login, String path) {}

    LoginPathWarnings(ProxyConfig config) {
        this.config = config;
    }

    /** The paths of logins of a route that neither it nor another with the same login takes, by the member that says them. */
    List<Map.Entry<String, String>> untaken(EffectiveRoute effective) {
        List<Map.Entry<String, String>> found = new ArrayList<>();
        for (OidcAuthConfig login : logins(effective)) {
            look("redirectPath", login.redirectPath(), login, effective, found);
            login.logoutPath().ifPresent(path -> look("logoutPath", path, login, effective, found));
        }
        return found;
    }

    private void look(
            String member,
            String path,
            OidcAuthConfig login,
            EffectiveRoute effective,
            List<Map.Entry<String, String>> found) {
        if (!takes(effective.route(), path) && !taken.computeIfAbsent(new Sought(login, path), this::isTakenAnywhere)) {
            found.add(Map.entry(member, path));
        }
    }

    private boolean isTakenAnywhere(Sought sought) {
        for (RouteConfig route : config.routes()) {
            if (route.enabled()
                    && takes(route, sought.path())
                    && logins(EffectiveRoute.of(config, route)).contains(sought.login())) {
                return true;
            }
        }
        return false;
    }

    private static List<OidcAuthConfig> logins(EffectiveRoute effective) {
        List<OidcAuthConfig> logins = new ArrayList<>();
        for (AuthConfig entry : effective.auth().value()) {
            for (AuthConfig member : entry.members()) {
                if (member instanceof OidcAuthConfig login && login.enabled()) {
                    logins.add(login);
                }
            }
        }
        return logins;
    }

    private static boolean takes(RouteConfig route, String path) {
        return route.matches().stream()
                .anyMatch(match ->
                        (match.methods().isEmpty() || match.methods().contains("GET")) && takes(match.path(), path));
    }

    // What templates and expressions take is the router's to say; whoever writes one is believed.
    private static boolean takes(PathMatch match, String path) {
        String value = match.value();
        return switch (match.type()) {
            case EXACT -> path.equals(value);
            case PREFIX -> path.equals(value) || path.startsWith(value.endsWith("/") ? value : value + "/");
            case TEMPLATE, REGEX -> true;
        };
    }
}
