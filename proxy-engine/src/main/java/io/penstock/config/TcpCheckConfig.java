package io.penstock.config;

import java.time.Duration;

/** A connection that a target has to take. */
public record TcpCheckConfig(
        @Doc("How long from one check of a target to the next; a tenth more or less by chance.") @Default("5s")
        Duration interval,

        @Doc("How long the connection may take.") @Default("1s")
        Duration timeout,

        @Doc("Good checks in a row that make an unhealthy target healthy.") @Default("2")
        int healthyAfter,

        @Doc("Bad checks in a row that make a healthy target unhealthy.") @Default("3")
        int unhealthyAfter) {
    public TcpCheckConfig {
        CheckPace.check(interval, timeout, healthyAfter, unhealthyAfter).end();
    }
}
