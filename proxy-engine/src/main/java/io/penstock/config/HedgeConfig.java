package io.penstock.config;

import java.time.Duration;

/** When a request whose answer is late is sent to another target beside the first. */
public record HedgeConfig(
        @Doc("How long the answer's head may take until another target is asked too; 1ms to 1m.")
        Duration after,

        @Doc(
                "How many more targets are asked at most, each after the same time again; 0 for none, which lifts what is said farther out.")
        @Default("1")
        int max) {
    /** More targets than the first, at most. */
    public static final int MAX = 3;

    public HedgeConfig {
        new ValueChecks()
                .between("after", after, Duration.ofMillis(1), Duration.ofMinutes(1))
                .between("max", max, 0, MAX)
                .end();
    }

    /** Asks one more target. */
    public static HedgeConfig after(Duration after) {
        return new HedgeConfig(after, 1);
    }
}
