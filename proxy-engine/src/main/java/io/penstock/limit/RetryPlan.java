package io.penstock.limit;

import io.penstock.config.HedgeConfig;
import io.penstock.config.RetryConfig;
import io.penstock.config.RetryMethods;
import io.penstock.config.RouteRetries;
import io.penstock.http.Method;
import io.penstock.mark.SharedByWorkers;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * {@code retries} compiled, of an upstream or of a route. What a route does not say, its upstream says: absent there are
 * negative numbers and null.
 *
 * @param attempts tries after the first
 * @param causes what they may follow
 * @param methods which requests may be sent twice, with {@code OTHER} where every one may
 * @param takesIdempotencyKey whether a request with an {@code Idempotency-Key} may be sent twice, whatever its method
 * @param perTryTimeoutNs how long a try may take until the answer's head, 0 for no bound
 * @param hedgeAfterNs how late an answer has to be for another endpoint to be asked too
 * @param hedges how many more endpoints are asked then, 0 for none
 */
@SharedByWorkers
public record RetryPlan(
        int attempts,
        @Nullable RetryCauses causes,
        @Nullable Set<Method> methods,
        boolean takesIdempotencyKey,
        long perTryTimeoutNs,
        long hedgeAfterNs,
        int hedges) {
    /** Nothing said: as the upstream has it. */
    public static final RetryPlan SILENT = new RetryPlan(-1, null, null, false, -1, 0, -1);

    /** Compiles what an upstream says, which is everything. */
    public static RetryPlan of(RetryConfig config) {
        return new RetryPlan(
                config.attempts(),
                new RetryCauses(config.when()),
                methods(config.methods()),
                takesKey(config.methods()),
                config.perTryTimeout().map(bound -> bound.toNanos()).orElse(0L),
                afterNs(config.hedge()),
                config.hedge().map(HedgeConfig::max).orElse(0));
    }

    /** Compiles what a route says. */
    public static RetryPlan of(RouteRetries config) {
        return config.equals(RouteRetries.DEFAULTS)
                ? SILENT
                : new RetryPlan(
                        config.attempts().orElse(-1),
                        config.when().isEmpty() ? null : new RetryCauses(config.when()),
                        config.methods().isEmpty() ? null : methods(config.methods()),
                        takesKey(config.methods()),
                        config.perTryTimeout().map(bound -> bound.toNanos()).orElse(-1L),
                        afterNs(config.hedge()),
                        config.hedge().map(HedgeConfig::max).orElse(-1));
    }

    private static long afterNs(Optional<HedgeConfig> hedge) {
        return hedge.map(late -> late.after().toNanos()).orElse(0L);
    }

    private static boolean takesKey(List<String> words) {
        return words.contains(RetryMethods.IDEMPOTENT) || words.contains(RetryMethods.ALL);
    }

    private static Set<Method> methods(List<String> words) {
        EnumSet<Method> methods = EnumSet.noneOf(Method.class);
        for (String word : words) {
            for (Method method : Method.values()) {
                boolean isMeant = switch (word) {
                    case RetryMethods.ALL -> true;
                    case RetryMethods.IDEMPOTENT -> method.isIdempotent();
                    default -> method != Method.OTHER && method.name().equals(word);
                };
                if (isMeant) {
                    methods.add(method);
                }
            }
        }
        return methods;
    }
}
