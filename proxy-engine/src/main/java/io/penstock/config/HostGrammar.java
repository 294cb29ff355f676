package io.penstock.config;

import io.penstock.config.Problems.Scope;
import java.net.IDN;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/** The hosts a route may name: an exact name, {@code *.suffix} for any depth below, or an IP literal; never with a port. */
final class HostGrammar {
    private static final Pattern NAME = Pattern.compile(
            "(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?(\\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)*");

    private HostGrammar() {}

    static void check(String host, Scope at) {
        String found = "found host \"" + ValueText.shown(host) + "\"";
        if (host.equals("*")) {
            at.add(ConfigProblem.BAD_VALUE, found + ", which would be every host", "leave hosts out for every host");
            return;
        }
        if (isCanonical(host)) {
            return;
        }
        Optional<String> canonical = canonicalOf(host);
        if (canonical.isPresent()) {
            at.add(
                    ConfigProblem.NOT_CANONICAL,
                    found + ", wanted its canonical spelling",
                    "write \"" + canonical.get() + "\"");
        } else {
            at.add(
                    ConfigProblem.BAD_VALUE,
                    found + ", wanted a name, \"*.\" and a suffix, or an IP address",
                    "for example \"shop.example\" or \"*.shop.example\"; hosts are compared without port");
        }
    }

    private static boolean isCanonical(String host) {
        if (host.startsWith("[")) {
            return host.endsWith("]")
                    && IpAddress.of(host.substring(1, host.length() - 1))
                            .filter(IpAddress::isV6)
                            .map(address -> host.equals("[" + address + "]"))
                            .orElse(false);
        }
        return NAME.matcher(host.startsWith("*.") ? host.substring(2) : host).matches();
    }

    private static Optional<String> canonicalOf(String host) {
        Optional<IpAddress> literal =
                IpAddress.of(host.startsWith("[") && host.endsWith("]") ? host.substring(1, host.length() - 1) : host);
        if (literal.isPresent()) {
            return Optional.of(
                    literal.get().isV6()
                            ? "[" + literal.get() + "]"
                            : literal.get().toString());
        }
        boolean isWildcard = host.startsWith("*.");
        String name = isWildcard ? host.substring(2) : host;
        if (name.endsWith(".")) {
            name = name.substring(0, name.length() - 1);
        }
        try {
            name = IDN.toASCII(name).toLowerCase(Locale.ROOT);
        } catch (IllegalArgumentException notAName) {
            return Optional.empty();
        }
        String canonical = (isWildcard ? "*." : "") + name;
        return isCanonical(canonical) ? Optional.of(canonical) : Optional.empty();
    }
}
