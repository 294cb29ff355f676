package io.penstock.config;

import io.penstock.config.Problems.Scope;
import java.util.List;
import java.util.Locale;

/** What the names of protocols must keep that requests may ask to change to (RFC 9110 section 7.8). */
final class UpgradeRules {
    private static final int UPGRADES_MAX = 16;

    private UpgradeRules() {}

    static void check(List<String> upgrades, Scope at) {
        if (upgrades.size() > UPGRADES_MAX) {
            at.add(ConfigProblem.BAD_VALUE, "found " + upgrades.size() + " protocols, wanted at most " + UPGRADES_MAX);
        }
        RouteRules.checkDistinct(upgrades, at);
        for (int i = 0; i < upgrades.size(); i++) {
            checkProtocol(upgrades.get(i), at.in(i));
        }
    }

    private static void checkProtocol(String protocol, Scope at) {
        String name = protocol.replaceFirst("/", "");
        if (!Grammar.isToken(name)) {
            at.add(
                    ConfigProblem.BAD_VALUE,
                    "found protocol \"" + ValueText.shown(protocol) + "\", wanted a name as it stands in Upgrade",
                    "for example \"websocket\"");
        } else if (!protocol.equals(protocol.toLowerCase(Locale.ROOT))) {
            at.add(
                    ConfigProblem.NOT_CANONICAL,
                    "found protocol \"" + protocol + "\", wanted small letters; they are compared without case",
                    "write \"" + protocol.toLowerCase(Locale.ROOT) + "\"");
        } else if (protocol.equals("h2c") || protocol.startsWith("tls/")) {
            at.add(
                    ConfigProblem.BAD_VALUE,
                    "found protocol \"" + protocol + "\", which would carry requests that nobody here checks",
                    "leave it out: such an Upgrade is not heeded, and the request goes on without it");
        }
    }
}
