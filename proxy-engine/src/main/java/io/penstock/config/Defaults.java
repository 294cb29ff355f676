package io.penstock.config;

import java.util.List;

/** What holds for every route unless something nearer says otherwise. */
@Planned({"access", "cors", "errorPages", "cache", "retries", "validation"})
public record Defaults(
        @Doc("How long an exchange may take.") RouteTimeouts timeouts,
        @Doc("What request bodies may be.") BodyConfig body,

        @Doc("Limits, by name, beside those of outer levels.")
        List<String> limits,

        @Doc("Filters, inside those of outer levels.") List<FilterConfig> filters,

        @Doc("Ways to find out who calls, instead of those of outer levels; empty for theirs.")
        List<AuthConfig> auth)
        implements LevelConfig {
    /** What holds when nothing is written. */
    public static final Defaults DEFAULTS = RecordDefaults.of(Defaults.class);

    public Defaults {
        limits = List.copyOf(limits);
        filters = List.copyOf(filters);
        auth = List.copyOf(auth);
    }

    @Override
    public Defaults with(List<FilterConfig> otherFilters, List<AuthConfig> otherAuth) {
        return new Defaults(timeouts, body, limits, otherFilters, otherAuth);
    }
}
