package io.penstock.config;

import java.time.Duration;

/**
 * Ejects a target that answers more slowly than the others within an interval. Where all are slow, none is ejected: that
 * is what they share, and no other target would be better.
 */
public record LatencyConfig(
        @Doc("A target is ejected only if its mean time to the first byte is longer than this.") @Default("500ms")
        Duration above,

        @Doc("And longer than this many times the median of the targets' means.") @Default("3")
        int timesMedian,

        @Doc("Answers of a target within an interval, fewer of which tell nothing.") @Default("20")
        int requestsMin) {
    public LatencyConfig {
        new ValueChecks()
                .timeout("above", above)
                .between("timesMedian", timesMedian, 1, 1000)
                .between("requestsMin", requestsMin, 1, 1_000_000)
                .end();
    }
}
