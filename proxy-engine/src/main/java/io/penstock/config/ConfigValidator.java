package io.penstock.config;

import java.util.List;

/**
 * Decides whether a configuration may be served, and says everything that stands against it.
 *
 * <p>The configuration before is taken to be valid, so that only what changed is looked at, and what may refer to what was
 * removed: editing one route of 100 000 looks at one. To check a whole document, compare it with
 * {@link ProxyConfig#empty()}.
 */
public final class ConfigValidator {
    private ConfigValidator() {}

    /** Every problem of {@code after}, up to 1000; empty if it may be served. */
    public static List<ConfigProblem> validate(ProxyConfig before, ProxyConfig after) {
        return new Validation(before, after).run();
    }

    /** What may be served and is probably not meant, of the resources that changed. */
    public static List<ConfigWarning> warnings(ProxyConfig before, ProxyConfig after) {
        return ConfigWarnings.of(ConfigDiff.of(before, after), after);
    }
}
