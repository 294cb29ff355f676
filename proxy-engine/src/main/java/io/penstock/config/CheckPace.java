package io.penstock.config;

import java.time.Duration;

/**
 * How often a target is asked, and how many answers in a row it takes to believe them. Not written by itself.
 *
 * @param interval between two checks of one target
 * @param timeout for one check, from the connection to the end of the answer's head
 * @param healthyAfter good answers in a row that make an unhealthy target healthy
 * @param unhealthyAfter bad answers in a row that make a healthy target unhealthy
 */
public record CheckPace(Duration interval, Duration timeout, int healthyAfter, int unhealthyAfter) {
    static final Duration INTERVAL_MIN = Duration.ofMillis(100);
    static final Duration INTERVAL_MAX = Duration.ofHours(1);
    static final Duration TIMEOUT_MAX = Duration.ofMinutes(1);
    static final int ANSWERS_MAX = 100;

    static ValueChecks check(Duration interval, Duration timeout, int healthyAfter, int unhealthyAfter) {
        return new ValueChecks()
                .between("interval", interval, INTERVAL_MIN, INTERVAL_MAX)
                .between("timeout", timeout, Duration.ofMillis(1), TIMEOUT_MAX)
                .between("healthyAfter", healthyAfter, 1, ANSWERS_MAX)
                .between("unhealthyAfter", unhealthyAfter, 1, ANSWERS_MAX);
    }
}
