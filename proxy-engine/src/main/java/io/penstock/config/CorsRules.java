package io.penstock.config;

import io.penstock.config.Problems.Scope;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What {@code cors} must keep, wherever it is written. */
final class CorsRules {
    private static final Pattern ORIGIN = Pattern.compile(
            "([a-z][a-z0-9+.-]*)://(\\*\\.)?(\\[[0-9a-f:.]+]|[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?)(:[1-9][0-9]{0,4})?");

    private CorsRules() {}

    static void check(CorsConfig cors, Scope at) {
        if (cors.origins().isEmpty()) {
            at.in("origins")
                    .add(
                            ConfigProblem.REQUIRED,
                            "cors without origins lets nobody read anything",
                            "name them, for example [\"https://app.example\"]; null takes away what was inherited");
        }
        for (int i = 0; i < cors.origins().size(); i++) {
            String origin = cors.origins().get(i);
            if (!origin.equals(CorsConfig.ANY)) {
                checkOrigin(origin, at.in("origins").in(i));
            }
        }
        RouteRules.checkDistinct(cors.origins(), at.in("origins"));
        checkAny(cors.origins(), "origin", cors.credentials(), at.in("origins"));
        checkAny(cors.methods(), "method", cors.credentials(), at.in("methods"));
        checkAny(cors.headers(), "field", cors.credentials(), at.in("headers"));
        checkAny(cors.exposedHeaders(), "field", cors.credentials(), at.in("exposedHeaders"));
        for (int i = 0; i < cors.methods().size(); i++) {
            if (!cors.methods().get(i).equals(CorsConfig.ANY)) {
                RouteRules.checkMethod(cors.methods().get(i), at.in("methods").in(i));
            }
        }
        checkFields(cors.headers(), at.in("headers"));
        checkFields(cors.exposedHeaders(), at.in("exposedHeaders"));
    }

    private static void checkFields(List<String> names, Scope at) {
        for (int i = 0; i < names.size(); i++) {
            FieldGrammar.checkName(names.get(i), at.in(i));
        }
    }

    // With credentials a browser takes * for the name of one origin, method or field (Fetch, CORS check).
    private static void checkAny(List<String> values, String what, boolean hasCredentials, Scope at) {
        int any = values.indexOf(CorsConfig.ANY);
        if (any < 0) {
            return;
        }
        if (hasCredentials) {
            at.in(any)
                    .add(
                            ConfigProblem.BAD_VALUE,
                            "* does not go together with credentials: browsers refuse it, and every " + what
                                    + " would act for whoever is logged in",
                            "name each " + what + ", or leave credentials out");
        } else if (what.equals("origin") && values.size() > 1) {
            at.in(any)
                    .add(ConfigProblem.BAD_VALUE, "* is everybody, beside which others say nothing", "write it alone");
        }
    }

    private static void checkOrigin(String origin, Scope at) {
        String found = "found origin \"" + ValueText.shown(origin) + "\"";
        if (origin.equals("null")) {
            at.add(
                    ConfigProblem.BAD_VALUE,
                    found + ", which is the origin of every sandboxed frame and local file, whoever wrote it",
                    "serve the page from an origin of its own");
            return;
        }
        Matcher matcher = ORIGIN.matcher(origin);
        Optional<String> canonical = canonicalOf(origin);
        if (!matcher.matches() || !canonical.equals(Optional.of(origin))) {
            at.add(
                    canonical.isPresent() ? ConfigProblem.NOT_CANONICAL : ConfigProblem.BAD_VALUE,
                    found
                            + ", wanted scheme://host with a port only where it is not the scheme's own, as browsers write it",
                    canonical.map(text -> "write \"" + text + "\"").orElse("for example \"https://app.example\""));
        } else if (matcher.group(2) != null && isWholeDomain(matcher.group(3))) {
            at.add(
                    ConfigProblem.BAD_VALUE,
                    found + ", which is everybody who can have a name below \"" + matcher.group(3) + "\"",
                    "name the domain that is yours, for example \"https://*.shop.example\"");
        }
    }

    private static boolean isWholeDomain(String suffix) {
        return suffix.indexOf('.') < 0 && !suffix.equals("localhost");
    }

    // What is wrong most often: capitals, a path, the scheme's own port.
    private static Optional<String> canonicalOf(String origin) {
        String text = origin.toLowerCase(Locale.ROOT);
        int host = text.indexOf("://");
        if (host > 0 && text.indexOf('/', host + 3) > 0) {
            text = text.substring(0, text.indexOf('/', host + 3));
        }
        if (text.startsWith("https://") && text.endsWith(":443")) {
            text = text.substring(0, text.length() - 4);
        } else if (text.startsWith("http://") && text.endsWith(":80")) {
            text = text.substring(0, text.length() - 3);
        }
        return ORIGIN.matcher(text).matches() ? Optional.of(text) : Optional.empty();
    }
}
