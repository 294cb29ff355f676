package io.penstock.config;

import io.penstock.config.Problems.Scope;
import java.time.ZoneId;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What a limit must keep. */
final class LimitRules {
    private static final int KEY_PARTS_MAX = 8;

    private LimitRules() {}

    static void check(LimitConfig limit, Scope at) {
        checkKey(limit.key(), at.in("key"));
        if (limit.rate().isEmpty()
                && limit.quota().isEmpty()
                && limit.concurrency().isEmpty()
                && limit.bandwidth().isEmpty()) {
            at.in("rate")
                    .add(
                            ConfigProblem.REQUIRED,
                            "a limit without a rate, a quota, a concurrency and a bandwidth limits nothing",
                            "write for example rate: 100/s, quota: {requests: 10000, window: day}, concurrency: 20, or bandwidth: {response: 20Mbit/s}");
        }
        if (limit.rate().isEmpty() && limit.burst().isPresent()) {
            at.in("burst").add(ConfigProblem.BAD_VALUE, "a burst is the size of a rate's bucket", "add a rate");
        }
        limit.quota()
                .ifPresent(quota -> checkZone(quota.timeZone(), at.in("quota").in("timeZone")));
    }

    private static void checkZone(String zone, Scope at) {
        Set<String> known = ZoneId.getAvailableZoneIds();
        if (!known.contains(zone)) {
            at.add(
                    ConfigProblem.BAD_VALUE,
                    "found time zone \"" + ValueText.shown(zone) + "\", wanted the name of a region, or UTC",
                    Spelling.nearest(zone, known)
                            .map(near -> "did you mean \"" + near + "\"?")
                            .orElse("for example \"Europe/Berlin\""));
        }
    }

    private static void checkKey(List<String> key, Scope at) {
        if (key.size() > KEY_PARTS_MAX) {
            at.add(ConfigProblem.BAD_VALUE, "found " + key.size() + " parts, wanted at most " + KEY_PARTS_MAX);
        }
        Set<LimitKeyPart> seen = new HashSet<>();
        for (int i = 0; i < key.size(); i++) {
            Optional<LimitKeyPart> part = LimitKeyPart.parse(key.get(i));
            if (part.isEmpty()) {
                checkUnreadable(key.get(i), at.in(i));
            } else if (!seen.add(part.get())) {
                at.in(i).add(ConfigProblem.DUPLICATE, "\"" + ValueText.shown(key.get(i)) + "\" is named twice");
            }
        }
    }

    private static void checkUnreadable(String text, Scope at) {
        int colon = text.indexOf(':');
        String word = colon < 0 ? text : text.substring(0, colon + 1);
        String found = "found key \"" + ValueText.shown(text) + "\", ";
        switch (word) {
            case "header:" ->
                at.add(
                        ConfigProblem.BAD_VALUE,
                        found + "wanted header: and the name of a header, which has letters, digits and hyphens",
                        "for example \"header:X-Tenant\"");
            case "query:" ->
                at.add(
                        ConfigProblem.BAD_VALUE,
                        found + "wanted query: and the name of a parameter, of 1 to 256 characters and not encoded",
                        "for example \"query:tenant\"");
            case "var:" ->
                at.add(
                        ConfigProblem.BAD_VALUE,
                        found + "wanted var:, the name of a plugin, a slash and that of a variable which it sets",
                        "for example \"var:token-guard/tenant\"");
            default ->
                at.add(
                        ConfigProblem.BAD_VALUE,
                        found + "wanted clientAddress, route, service, consumer, consumerGroup, header:NAME, "
                                + "query:NAME or var:PLUGIN/NAME",
                        meant(word, colon < 0 ? "" : text.substring(colon + 1))
                                .map(near -> "did you mean \"" + near + "\"?")
                                .orElse("[] is one bucket for all"));
        }
    }

    private static Optional<String> meant(String word, String name) {
        return Spelling.nearest(word, LimitKeyPart.words())
                .map(near -> near.endsWith(":") ? near + (name.isEmpty() ? "NAME" : ValueText.shown(name)) : near);
    }
}
