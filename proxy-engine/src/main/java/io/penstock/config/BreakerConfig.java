package io.penstock.config;

import java.time.Duration;

/** When an upstream that fails is left alone for a while. A failure is a try without an answer, or a status of 500 and above. */
public record BreakerConfig(
        @Doc("The share of failures among the tries of the window that opens it.") @Default("50%")
        Share failureRate,

        @Doc("How far back tries count.") @Default("10s") Duration window,

        @Doc("Tries in the window below which it stays closed.") @Default("20")
        int minRequests,

        @Doc("How long it is open: requests are refused at once.") @Default("5s")
        Duration openFor,

        @Doc("Trials that pass then; each of them has to succeed for it to close.") @Default("3")
        int trials) {
    public BreakerConfig {
        new ValueChecks()
                .require(failureRate.basisPoints() > 0, "failureRate", "found 0%, wanted 0.01% to 100%")
                .between("window", window, Duration.ofMillis(100), Duration.ofHours(1))
                .between("minRequests", minRequests, 1, 1_000_000)
                .timeout("openFor", openFor)
                .between("trials", trials, 1, 1000)
                .end();
    }
}
