package io.penstock.engine;

import io.penstock.config.DurationText;
import io.penstock.config.Effective;
import io.penstock.config.RetryCondition;
import io.penstock.config.RetryConfig;
import io.penstock.config.RouteRetries;
import io.penstock.config.UpstreamConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** Says in words when a request would be sent again. */
final class RetrySteps {
    private RetrySteps() {}

    /** Says in words what the upstream's circuit bounds; empty if nothing. */
    static Optional<Explanation.Step> ofCircuit(UpstreamConfig upstream) {
        List<String> words = new ArrayList<>();
        upstream.circuit().requests().ifPresent(max -> words.add(max + " requests under way"));
        upstream.circuit()
                .adaptive()
                .ifPresent(bounds ->
                        words.add("adaptive limit of " + bounds.min() + " to " + bounds.max() + " requests under way"));
        upstream.circuit().retries().ifPresent(max -> words.add(max + " retries under way"));
        upstream.circuit()
                .breaker()
                .ifPresent(breaker -> words.add("breaker at " + breaker.failureRate() + " failures of at least "
                        + breaker.minRequests() + " tries"));
        return words.isEmpty()
                ? Optional.empty()
                : Optional.of(
                        new Explanation.Step("circuit", String.join(", ", words), "upstreams/" + upstream.name()));
    }

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
        what += nearer.hedge()
                .or(base::hedge)
                .filter(late -> late.max() > 0)
                .map(late -> "; hedges after " + DurationText.format(late.after()) + ", up to " + late.max())
                .orElse("");
        return new Explanation.Step(
                "retries",
                what,
                isAllOfUpstream
                        ? "upstreams/" + upstream.name()
                        : ofRoute.from().toString());
    }
}
