package io.penstock.admin.resource;

import io.penstock.admin.access.Verb;
import io.penstock.admin.store.AuditEvent;
import io.penstock.config.LimitConfig;
import io.penstock.config.ResourceType;
import io.penstock.config.UpstreamConfig;
import io.penstock.engine.CircuitStatus;
import io.penstock.engine.LimitStatus;
import java.util.List;
import java.util.Optional;

/** State of what bounds traffic: breakers that are closed by hand, and how limits stand. Makes no revision. */
final class TrafficEndpoints {
    private static final String UPSTREAMS = ResourceType.UPSTREAMS.apiName();
    private static final String LIMITS = ResourceType.LIMITS.apiName();

    private final AdminParts parts;

    TrafficEndpoints(AdminParts parts) {
        this.parts = parts;
    }

    List<Endpoint> endpoints() {
        return List.of(
                Endpoint.of(
                                "POST",
                                "/v1/upstreams/{upstream}:resetBreaker",
                                "resetBreaker",
                                "Closes the breaker of an upstream at once and forgets what it saw. Makes no revision.",
                                this::resetBreaker)
                        .needs(Verb.OPERATE, UPSTREAMS)
                        .answers(200, Schema.of(CircuitStatus.class)),
                Endpoint.of(
                                "GET",
                                "/v1/limits/{limit}/state",
                                "getLimitState",
                                "Tells how a limit stands over all workers: what it said, where its keys lie, and one of its"
                                        + " keys.",
                                this::limit)
                        .needs(Verb.READ, LIMITS)
                        .takes(
                                QueryParameter.text(
                                        "key",
                                        "A value of the key to look at; once for each part of the limit's key, in their order."))
                        .answers(200, Schema.of(LimitStatus.class)));
    }

    private ApiReply resetBreaker(ApiRequest request) {
        String name = request.pathParameter("upstream");
        UpstreamConfig upstream = parts.pipeline()
                .current()
                .config()
                .upstreams()
                .find(name)
                .filter(found -> request.principal().may(Verb.READ, UPSTREAMS, found.tags()))
                .orElseThrow(() -> ApiProblem.notFound("There is no upstream \"" + Pointers.shown(name) + "\""));
        if (!request.principal().may(Verb.OPERATE, UPSTREAMS, upstream.tags())) {
            throw ApiProblem.of(403, "forbidden", "Your token may not operate this upstream");
        }
        if (!parts.engine().resetBreaker(name)) {
            throw ApiProblem.of(
                    409,
                    "no-breaker",
                    "The upstream \"" + Pointers.shown(name) + "\" has no breaker",
                    "write circuit.breaker to have one");
        }
        parts.store().audit().append(event(request, name)).toCompletableFuture().join();
        return ApiReply.ok(ConfigJson.write(
                parts.engine().circuit(name).orElseThrow(() -> ApiProblem.notFound("The upstream is gone"))));
    }

    private AuditEvent event(ApiRequest request, String upstream) {
        return new AuditEvent(
                parts.overrides().now(),
                request.principal().actor(),
                Optional.of(request.address()),
                "upstream.reset-breaker",
                "/upstreams/" + upstream,
                AuditEvent.Outcome.APPLIED,
                Optional.empty(),
                Changes.note(request),
                Optional.empty(),
                Optional.empty());
    }

    private ApiReply limit(ApiRequest request) {
        String name = request.pathParameter("limit");
        LimitConfig limit = parts.pipeline()
                .current()
                .config()
                .limits()
                .find(name)
                .filter(found -> request.principal().may(Verb.READ, LIMITS, found.tags()))
                .orElseThrow(() -> ApiProblem.notFound("There is no limit \"" + Pointers.shown(name) + "\""));
        try {
            return ApiReply.ok(ConfigJson.write(parts.engine()
                    .limit(limit.name(), request.query().all("key"))
                    .orElseThrow(() -> ApiProblem.of(
                            409,
                            "not-in-force",
                            "The limit \"" + Pointers.shown(name) + "\" is not in force, so there is nothing of it",
                            "enable it"))));
        } catch (IllegalArgumentException refused) {
            throw ApiProblem.badParameter(
                    "key", String.valueOf(refused.getMessage()), "write one for each of " + limit.key());
        }
    }
}
