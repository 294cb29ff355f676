package io.penstock.config;

/** A bound of requests under way that is learned from how long answers take. */
public record AdaptiveConfig(
        @Doc("The limit is never lower.") @Default("10") int min,

        @Doc("The limit is never higher.") @Default("1000") int max,

        @Doc("How much longer than without a queue answers may take before the limit falls; 1% to 100%.")
        @Default("50%")
        Share tolerance) {
    /** What holds when nothing is written. */
    public static final AdaptiveConfig DEFAULTS = RecordDefaults.of(AdaptiveConfig.class);

    public AdaptiveConfig {
        new ValueChecks()
                .between("min", min, 1, 1_000_000)
                .between("max", max, 1, 1_000_000)
                .require(min <= max, "max", "found " + max + ", wanted at least min, which is " + min)
                .require(tolerance.basisPoints() >= 100, "tolerance", "found " + tolerance + ", wanted 1% to 100%")
                .end();
    }
}
