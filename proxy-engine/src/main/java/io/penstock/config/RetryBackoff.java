package io.penstock.config;

import java.time.Duration;

/** The pause before a target is tried that was tried before; another target is tried at once. */
public record RetryBackoff(
        @Doc(
                "The longest first pause; each further one may be twice as long. How long it is within that is left to chance.")
        @Default("25ms")
        Duration base,

        @Doc("The longest pause.") @Default("250ms") Duration max) {
    public RetryBackoff {
        new ValueChecks()
                .timeout("base", base)
                .timeout("max", max)
                .require(
                        base.compareTo(max) <= 0,
                        "base",
                        "found " + DurationText.format(base) + ", wanted at most max, which is "
                                + DurationText.format(max))
                .end();
    }
}
