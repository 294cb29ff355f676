package io.penstock.engine;

import io.penstock.config.Effective;
import io.penstock.config.RetryCondition;
import io.penstock.config.RetryConfig;
import io.penstock.config.RouteRetries;
import io.penstock.config.UpstreamConfig;
import java.util.List;
import java.util.stream.Collectors;

/** Says in words when a request would be sent again. */
final class RetrySteps {
    private RetrySteps() {}

    static Explanation.Step of(UpstreamConfig upstream, Effective<RouteRetries> ofRoute) {
        RetryConfig base = upstream.retries();
        RouteRetries nearer = ofRoute.value();
        boolean isAllOfUpstream = nearer.equals(RouteRetries.DEFAULTS);
        int attempts = nearer.attempts().orElse(base.attempts());
        List<RetryCondition> when = nearer.when().isEmpty() ? base.when() : nearer.when();
        List<String> methods = nearer.methods().isEmpty() ? base.methods() : nearer.methods();
        String what = attempts == 0 || when.isEmpty()
                ? "no retries"
                : "up to " + attempts + " retries on "
                        + when.stream().map(RetryCondition::toString).collect(Collectors.joining(", ")) + "; methods "
                        + String.join(", ", methods) + "; budget " + base.budget() + " and " + base.minPerSecond()
                        + "/s";
        return new Explanation.Step(
                "retries",
                what,
                isAllOfUpstream
                        ? "upstreams/" + upstream.name()
                        : ofRoute.from().toString());
    }
}
