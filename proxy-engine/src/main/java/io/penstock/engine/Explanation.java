package io.penstock.engine;

import io.penstock.metrics.Reason;
import io.penstock.route.RouteExplanation;
import java.util.List;
import java.util.Optional;

/**
 * What would become of a sample request.
 *
 * @param refusal why it would be refused before any route is asked, or because none matches
 * @param detail one sentence about the refusal
 * @param routing which routes were considered; empty if the head itself would be refused
 * @param canonicalPath what routing sees
 * @param steps what would run, in order
 * @param upstream where it would go
 * @param targets endpoints that may take it, by address
 * @param rewrittenPath what the endpoint would be asked for
 */
public record Explanation(
        Optional<Reason> refusal,
        String detail,
        Optional<RouteExplanation> routing,
        String canonicalPath,
        List<Step> steps,
        Optional<String> upstream,
        List<String> targets,
        Optional<String> rewrittenPath) {
    public Explanation {
        steps = List.copyOf(steps);
        targets = List.copyOf(targets);
    }

    /**
     * Something that would run.
     *
     * @param phase of the request: {@code access}, {@code limits}, {@code bandwidth}, {@code auth}, {@code admission}, {@code filters}, {@code upstream}, {@code health},
     *     {@code circuit}, {@code retries}
     * @param what a limit's, filter's or action's name; {@code anonymous} where nobody has to be known to pass
     * @param from which level of the config it comes from
     */
    public record Step(String phase, String what, String from) {}
}
