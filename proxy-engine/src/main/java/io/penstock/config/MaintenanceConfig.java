package io.penstock.config;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Refuses requests while work is being done, all but those of some addresses. */
public record MaintenanceConfig(
        @Doc("Whether it is on; off takes away what outer levels say.") @Default("true")
        boolean enabled,

        @Doc("What clients see, 400 to 599.") @Default("503")
        int status,

        @Doc("When clients may try again, as Retry-After tells them.")
        Optional<Duration> retryAfter,

        @Doc("Blocks of addresses that are served all the same.")
        List<Cidr> allow)
        implements LevelFilterConfig {
    private static final Duration RETRY_MAX = Duration.ofDays(7);

    /** What holds when nothing is written. */
    public static final MaintenanceConfig DEFAULTS = RecordDefaults.of(MaintenanceConfig.class);

    public MaintenanceConfig {
        allow = List.copyOf(allow);
        ValueChecks checks = new ValueChecks()
                .between("status", status, 400, 599)
                .count("allow", "blocks", allow.size(), AccessConfig.BLOCKS_MAX);
        retryAfter.ifPresent(time -> checks.require(
                time.compareTo(Duration.ofSeconds(1)) >= 0 && time.compareTo(RETRY_MAX) <= 0,
                "retryAfter",
                "found " + DurationText.format(time) + ", wanted 1s to " + DurationText.format(RETRY_MAX)));
        checks.end();
    }

    @Override
    public String type() {
        return "maintenance";
    }
}
