package io.penstock.config;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** When a request is sent again, where the route wants it otherwise than its upstream. The budget is the upstream's. */
public record RouteRetries(
        @Doc("Tries after the first, for one request; 0 for none at all.")
        Optional<Integer> attempts,

        @Doc("What another try follows, as in the upstream's retries; empty for what is said farther out.")
        List<RetryCondition> when,

        @Doc("Requests that may be sent twice, as in the upstream's retries; empty for what is said farther out.")
        List<String> methods,

        @Doc("How long one try may take from its beginning to the answer's head; 0s lifts what is said farther out.")
        Optional<Duration> perTryTimeout,

        @Doc("Asks another target too where the answer is late, as in the upstream's retries.")
        Optional<HedgeConfig> hedge) {
    /** What holds when nothing is written. */
    public static final RouteRetries DEFAULTS = RecordDefaults.of(RouteRetries.class);

    public RouteRetries {
        when = List.copyOf(when);
        methods = List.copyOf(methods);
        ValueChecks checks = new ValueChecks().between("attempts", attempts.orElse(0), 0, RetryConfig.ATTEMPTS_MAX);
        perTryTimeout.filter(bound -> !bound.isZero()).ifPresent(bound -> checks.timeout("perTryTimeout", bound));
        RetryMethods.check(checks, methods).end();
    }

    /** These, and where they are silent the others, which were said farther out. */
    RouteRetries over(RouteRetries outer) {
        return new RouteRetries(
                attempts.or(outer::attempts),
                when.isEmpty() ? outer.when : when,
                methods.isEmpty() ? outer.methods : methods,
                perTryTimeout.or(outer::perTryTimeout),
                hedge.or(outer::hedge));
    }
}
