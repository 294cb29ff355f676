package io.penstock.config;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** When a request that one target did not serve is sent again, and how often. */
public record RetryConfig(
        @Doc("Tries after the first, for one request; 0 for none at all.") @Default("3")
        int attempts,

        @Doc(
                "What another try follows: connectFailure, reset (the connection was lost before the answer), timeout (no answer in time), 5xx, or the status of an error. After a failed connection only a target is tried that was not yet.")
        @Default("connectFailure")
        List<RetryCondition> when,

        @Doc(
                "Requests that may be sent twice where the first may have had its effect: \"idempotent\" (and those with an Idempotency-Key), \"all\", or methods by name.")
        @Default("idempotent")
        List<String> methods,

        @Doc("Further tries as a part of the requests, exact over all workers.") @Default("20%")
        Share budget,

        @Doc("Further tries in each second that need no budget.") @Default("10")
        int minPerSecond,

        @Doc("How long one try may take from its beginning to the answer's head.")
        Optional<Duration> perTryTimeout,

        @Doc("Asks another target too where the answer is late; takes the first answer.")
        Optional<HedgeConfig> hedge,

        @Doc("The pause before a target is tried again.") RetryBackoff backoff,

        @Doc("Whether a target whose answer has Retry-After is left alone for so long.") @Default("true")
        boolean honourRetryAfter,

        @Doc("Bytes of a request body kept until the answer begins; beyond that there is no retry.") @Default("64KiB")
        ByteSize bufferBytes) {
    /** What holds when nothing is written. */
    public static final RetryConfig DEFAULTS = RecordDefaults.of(RetryConfig.class);

    /** Tries after the first, at most. */
    public static final int ATTEMPTS_MAX = 10;

    public RetryConfig {
        when = List.copyOf(when);
        methods = List.copyOf(methods);
        RetryMethods.check(
                        new ValueChecks()
                                .between("attempts", attempts, 0, ATTEMPTS_MAX)
                                .between("minPerSecond", minPerSecond, 0, 1_000_000)
                                .timeout("perTryTimeout", perTryTimeout.orElse(Duration.ofSeconds(1)))
                                .between("bufferBytes", bufferBytes, new ByteSize(0), new ByteSize(16 << 20)),
                        methods)
                .end();
    }

    /** A builder that holds the defaults. */
    public static Builder builder() {
        return new Builder(DEFAULTS);
    }

    /** Collects the values; every setter is named after its member. */
    public static final class Builder {
        private int attempts;
        private List<RetryCondition> when;
        private List<String> methods;
        private Share budget;
        private int minPerSecond;
        private Optional<Duration> perTryTimeout;
        private Optional<HedgeConfig> hedge;
        private RetryBackoff backoff;
        private boolean honourRetryAfter;
        private ByteSize bufferBytes;

        private Builder(RetryConfig from) {
            attempts = from.attempts;
            when = from.when;
            methods = from.methods;
            budget = from.budget;
            minPerSecond = from.minPerSecond;
            perTryTimeout = from.perTryTimeout;
            hedge = from.hedge;
            backoff = from.backoff;
            honourRetryAfter = from.honourRetryAfter;
            bufferBytes = from.bufferBytes;
        }

        public Builder attempts(int value) {
            attempts = value;
            return this;
        }

        public Builder when(String... values) {
            when = List.of(values).stream().map(RetryCondition::parse).toList();
            return this;
        }

        public Builder methods(String... values) {
            methods = List.of(values);
            return this;
        }

        public Builder budget(String value) {
            budget = Share.parse(value);
            return this;
        }

        public Builder minPerSecond(int value) {
            minPerSecond = value;
            return this;
        }

        public Builder perTryTimeout(Duration value) {
            perTryTimeout = Optional.of(value);
            return this;
        }

        public Builder hedge(HedgeConfig value) {
            hedge = Optional.of(value);
            return this;
        }

        public Builder backoff(Duration base, Duration max) {
            backoff = new RetryBackoff(base, max);
            return this;
        }

        public Builder honourRetryAfter(boolean value) {
            honourRetryAfter = value;
            return this;
        }

        public Builder bufferBytes(ByteSize value) {
            bufferBytes = value;
            return this;
        }

        /** The record; {@link InvalidValueException} names every value that cannot stand. */
        public RetryConfig build() {
            return new RetryConfig(
                    attempts,
                    when,
                    methods,
                    budget,
                    minPerSecond,
                    perTryTimeout,
                    hedge,
                    backoff,
                    honourRetryAfter,
                    bufferBytes);
        }
    }
}
