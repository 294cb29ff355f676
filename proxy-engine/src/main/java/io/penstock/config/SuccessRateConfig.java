package io.penstock.config;

/** Ejects a target by its share of good answers within an interval. */
public record SuccessRateConfig(
        @Doc("A target with a smaller share of good answers is ejected.") @Default("80%")
        Share below,

        @Doc("Requests of a target within an interval, fewer of which tell nothing.") @Default("50")
        int requestsMin) {
    public SuccessRateConfig {
        new ValueChecks().between("requestsMin", requestsMin, 1, 1_000_000).end();
    }
}
