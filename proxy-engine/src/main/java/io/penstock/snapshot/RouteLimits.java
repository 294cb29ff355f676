package io.penstock.snapshot;

import io.penstock.config.LimitConfig;
import io.penstock.limit.KeyHash;
import io.penstock.limit.LimitPlan;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * The limits of a route, by when they are taken. The arrays are never written after construction.
 *
 * @param beforeAuth those whose keys the request itself says, in the order they are taken
 * @param afterAuth those whose keys need to know who calls
 * @param routeHash stands for the route's name in keys, the same in every revision and process
 * @param serviceHash the same for the service; 0 where the route has none
 */
@SuppressWarnings(
        "ArrayRecordComponent") // Compared by identity only; an immutable list would cost an iterator per request.
public record RouteLimits(LimitPlan[] beforeAuth, LimitPlan[] afterAuth, long routeHash, long serviceHash) {
    static RouteLimits of(
            String route, Optional<String> service, List<LimitConfig> limits, Function<LimitConfig, LimitPlan> plans) {
        return new RouteLimits(
                limits.stream()
                        .filter(LimitConfig::isTakenBeforeAuth)
                        .map(plans)
                        .toArray(LimitPlan[]::new),
                limits.stream()
                        .filter(limit -> !limit.isTakenBeforeAuth())
                        .map(plans)
                        .toArray(LimitPlan[]::new),
                KeyHash.ofName(route),
                service.map(KeyHash::ofName).orElse(0L));
    }
}
