package io.penstock.admin.resource;

import io.penstock.admin.access.Verb;
import io.penstock.admin.store.AuditEvent;
import io.penstock.admin.store.OverrideKind;
import io.penstock.admin.store.OverrideRecord;
import io.penstock.config.ConfigProblem;
import io.penstock.config.HostPort;
import io.penstock.config.ResourceType;
import io.penstock.config.TargetConfig;
import io.penstock.config.UpstreamConfig;
import io.penstock.config.ValueText;
import io.penstock.engine.CircuitStatus;
import io.penstock.spi.PluginLibrary;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** State that is not configuration: how the endpoints of an upstream stand, drains of its targets, and what operators say of their health. */
final class StateEndpoints {
    private static final Duration LIFE_MAX = Duration.ofDays(30);
    private static final String TYPE = ResourceType.UPSTREAMS.apiName();

    private final AdminParts parts;

    StateEndpoints(AdminParts parts) {
        this.parts = parts;
    }

    /**
     * An override as the API shows it.
     *
     * @param kind {@code drain}, {@code healthy} or {@code unhealthy}
     * @param resource what it is about, as a path of the API
     * @param until when it ends by itself
     * @param isConfigured whether the configuration has that target now; if not, it holds once it has
     */
    record OverrideView(
            String kind,
            String resource,
            String upstream,
            String target,
            Instant since,
            Instant until,
            String actor,
            Optional<String> note,
            boolean isConfigured) {}

    /**
     * A plugin's version that is called no more until it is released, or another is used.
     *
     * @param since when the quarantine began
     * @param reason the strike that began it
     * @param strikes in the present window
     * @param release what ends it: POST to this path
     */
    record QuarantineView(
            String kind,
            String resource,
            String plugin,
            String version,
            String state,
            Instant since,
            String reason,
            int strikes,
            String release) {}

    List<Endpoint> endpoints() {
        String target = "/v1/upstreams/{upstream}/targets/{target}";
        Schema override = Schema.of(OverrideView.class);
        Schema health = Schema.members(
                Map.of(
                        "upstream", Schema.text(),
                        "ready", Schema.integer(Optional.empty()),
                        "panic", Schema.flag(),
                        "circuit", Schema.of(CircuitStatus.class),
                        "items", Schema.listOf(Schema.of(EnginePort.EndpointView.class))),
                List.of("upstream", "ready", "panic", "items"));
        return List.of(
                Endpoint.of(
                                "GET",
                                "/v1/upstreams/{upstream}/health",
                                "getUpstreamHealth",
                                "Tells how each endpoint of an upstream stands, and what was counted of it.",
                                this::health)
                        .needs(Verb.READ, TYPE)
                        .answers(200, health),
                Endpoint.of(
                                "POST",
                                target + ":drain",
                                "drainTarget",
                                "Gives a target no new requests until a time; those under way finish. Makes no revision.",
                                this::drain)
                        .needs(Verb.OPERATE, TYPE)
                        .reads(Schema.members(Map.of("until", Schema.text(), "for", Schema.text()), List.of()))
                        .answers(200, override),
                Endpoint.of(
                                "POST",
                                target + ":undrain",
                                "undrainTarget",
                                "Ends a drain before its time.",
                                this::undrain)
                        .needs(Verb.OPERATE, TYPE)
                        .answers(200, override),
                Endpoint.of(
                                "POST",
                                target + ":setHealth",
                                "setTargetHealth",
                                "Says whether a target is healthy, whatever checks and requests say, until a time. Makes no"
                                        + " revision.",
                                this::setHealth)
                        .needs(Verb.OPERATE, TYPE)
                        .reads(Schema.members(
                                Map.of(
                                        "health", Schema.choice("healthy", "unhealthy"),
                                        "until", Schema.text(),
                                        "for", Schema.text()),
                                List.of("health")))
                        .answers(200, override),
                Endpoint.of(
                                "POST",
                                target + ":clearHealth",
                                "clearTargetHealth",
                                "Lets checks and requests decide again, before the time.",
                                this::clearHealth)
                        .needs(Verb.OPERATE, TYPE)
                        .answers(200, override),
                Endpoint.of(
                                "GET",
                                "/v1/overrides",
                                "listOverrides",
                                "Lists state that overrides the configuration for a time.",
                                this::overrides)
                        .needs(Verb.READ, "overrides")
                        .takes(QueryParameter.LIMIT, QueryParameter.CURSOR)
                        .answers(200, Schema.pageOf(override.or(Schema.of(QuarantineView.class)))));
    }

    private ApiReply health(ApiRequest request) {
        UpstreamConfig upstream = upstream(request).orElseThrow(() -> noUpstream(request));
        ObjectNode body = JsonText.NODES.objectNode().put("upstream", upstream.name());
        List<EnginePort.EndpointView> endpoints = parts.engine().endpoints(upstream.name());
        body.put(
                "ready",
                endpoints.stream().filter(each -> each.state().equals("ready")).count());
        body.put("panic", parts.engine().isPanic(upstream.name()));
        parts.engine().circuit(upstream.name()).ifPresent(circuit -> body.set("circuit", ConfigJson.write(circuit)));
        ArrayNode items = body.putArray("items");
        endpoints.forEach(each -> items.add(ConfigJson.write(each)));
        return ApiReply.ok(body)
                .with(
                        "Config-Revision",
                        Long.toString(parts.pipeline().current().revision()));
    }

    private ApiReply drain(ApiRequest request) {
        JsonNode body = request.json(JsonBounds.RESOURCE);
        return begin(request, OverrideKind.DRAIN, BodyMembers.of(body, "until", "for"), "target.drain");
    }

    private ApiReply setHealth(ApiRequest request) {
        JsonNode body = request.json(JsonBounds.RESOURCE);
        BodyMembers members = BodyMembers.of(body, "health", "until", "for");
        Optional<OverrideKind> kind =
                members.value("health", StateEndpoints::healthKind, "\"healthy\" or \"unhealthy\"");
        if (members.isSound() && kind.isEmpty()) {
            members.fault("health", ConfigProblem.REQUIRED, "\"health\" is missing", "write healthy or unhealthy");
        }
        return begin(request, kind.orElse(OverrideKind.UNHEALTHY), members, "target.set-health");
    }

    private static OverrideKind healthKind(String text) {
        return switch (text) {
            case "healthy" -> OverrideKind.HEALTHY;
            case "unhealthy" -> OverrideKind.UNHEALTHY;
            default -> throw new IllegalArgumentException("found \"" + text + "\"");
        };
    }

    private ApiReply begin(ApiRequest request, OverrideKind kind, BodyMembers members, String action) {
        UpstreamConfig upstream = upstream(request).orElseThrow(() -> noUpstream(request));
        requireMay(request, upstream);
        TargetConfig target = TargetEndpoints.find(upstream, request.pathParameter("target"))
                .orElseThrow(() -> TargetEndpoints.noTarget(request));
        Instant now = parts.overrides().now().truncatedTo(ChronoUnit.MILLIS);
        OverrideRecord override = new OverrideRecord(
                kind,
                upstream.name(),
                target.address().toString(),
                until(members, now),
                now,
                request.principal().actor(),
                Changes.note(request));
        String detail = (kind == OverrideKind.DRAIN ? "" : kind.text() + " ") + "until " + override.until();
        if (!parts.overrides().put(override, event(request, override, action, detail))) {
            throw ApiProblem.of(
                    409,
                    "too-many-overrides",
                    "There are " + Overrides.COUNT_MAX + " overrides already",
                    "end some; GET /v1/overrides lists them");
        }
        return ApiReply.ok(ConfigJson.write(view(override)));
    }

    private ApiReply undrain(ApiRequest request) {
        return end(request, true, "is not being drained", "target.undrain");
    }

    private ApiReply clearHealth(ApiRequest request) {
        return end(request, false, "has no health that somebody set", "target.clear-health");
    }

    private ApiReply end(ApiRequest request, boolean isDrain, String notThere, String action) {
        Optional<UpstreamConfig> upstream = upstream(request);
        upstream.ifPresent(found -> requireMay(request, found));
        String label = request.pathParameter("target");
        // A target that is configured no more is called by its address.
        String target = upstream.flatMap(found -> TargetEndpoints.find(found, label))
                .map(found -> found.address().toString())
                .or(() -> canonical(label))
                .orElseThrow(() -> TargetEndpoints.noTarget(request));
        OverrideRecord override = parts.overrides()
                .find(request.pathParameter("upstream"), target, isDrain)
                .filter(found -> upstream.isPresent() || request.principal().may(Verb.OPERATE, TYPE, List.of()))
                .orElseThrow(() -> ApiProblem.of(
                        404,
                        "not-found",
                        "The target \"" + Pointers.shown(label) + "\" " + notThere,
                        "GET /v1/overrides lists what is"));
        parts.overrides().end(override, event(request, override, action, "before " + override.until()));
        return ApiReply.ok(ConfigJson.write(view(override)));
    }

    private ApiReply overrides(ApiRequest request) {
        List<Placed> seen = new ArrayList<>();
        for (OverrideRecord override : parts.overrides().inForce()) {
            if (maySee(request, override)) {
                seen.add(new Placed(
                        override.upstream() + "\n" + override.target() + "\n"
                                + override.kind().text(),
                        view(override)));
            }
        }
        if (request.principal().may(Verb.READ, PluginViews.TYPE)) {
            for (PluginLibrary.PluginStatus status : parts.plugins().status()) {
                status.quarantined().ifPresent(quarantine -> seen.add(placed(status, quarantine)));
            }
        }
        seen.sort(Comparator.comparing(Placed::position));
        return Lists.slice(request, seen, Placed::position, each -> ConfigJson.write(each.view()));
    }

    private record Placed(String position, Record view) {}

    // Behind all upstreams, whose names begin with no such character.
    private static Placed placed(PluginLibrary.PluginStatus status, PluginLibrary.Quarantined quarantine) {
        String path = "/plugins/" + status.name() + "/versions/" + status.version();
        return new Placed(
                "~" + status.name() + "\n" + status.version(),
                new QuarantineView(
                        "quarantine",
                        path,
                        status.name(),
                        status.version(),
                        status.state(),
                        Instant.ofEpochMilli(quarantine.since()),
                        quarantine.reason(),
                        status.strikes(),
                        "/v1" + path + ":release"));
    }

    private boolean maySee(ApiRequest request, OverrideRecord override) {
        List<String> tags =
                config(override.upstream()).map(UpstreamConfig::tags).orElse(List.of());
        return request.principal().may(Verb.READ, TYPE, tags);
    }

    private OverrideView view(OverrideRecord override) {
        boolean isConfigured = config(override.upstream())
                .flatMap(upstream -> TargetEndpoints.find(upstream, override.target()))
                .isPresent();
        return new OverrideView(
                override.kind().text(),
                path(override),
                override.upstream(),
                override.target(),
                override.since(),
                override.until(),
                override.actor(),
                override.note(),
                isConfigured);
    }

    private AuditEvent event(ApiRequest request, OverrideRecord override, String action, String detail) {
        return new AuditEvent(
                parts.overrides().now(),
                request.principal().actor(),
                Optional.of(request.address()),
                action,
                path(override),
                AuditEvent.Outcome.APPLIED,
                Optional.empty(),
                Changes.note(request),
                Optional.of(detail),
                Optional.empty());
    }

    private static String path(OverrideRecord override) {
        return "/upstreams/" + override.upstream() + "/targets/" + override.target();
    }

    private static Instant until(BodyMembers members, Instant now) {
        Optional<Instant> until = members.value("until", Instant::parse, "a time such as 2026-12-01T10:00:00Z");
        Optional<Duration> life = members.value(
                "for", text -> (Duration) ValueText.parse(Duration.class, text), "a duration such as 30m");
        if (members.isSound() && until.isPresent() == life.isPresent()) {
            members.fault(
                    "",
                    ConfigProblem.REQUIRED,
                    "wanted exactly one of \"until\" and \"for\"",
                    "an override ends by itself: {\"for\": \"30m\"}, or {\"until\": \"2026-12-01T10:00:00Z\"}");
        }
        Instant latest = now.plus(LIFE_MAX);
        boolean isTooLong = life.map(given -> given.compareTo(LIFE_MAX) > 0).orElse(false);
        Instant end = isTooLong
                ? latest.plusNanos(1)
                : until.or(() -> life.map(now::plus)).orElse(now);
        if (members.isSound() && (!end.isAfter(now) || end.isAfter(latest))) {
            members.fault(
                    until.isPresent() ? "until" : "for",
                    ConfigProblem.BAD_VALUE,
                    "an override ends after now and within " + LIFE_MAX.toDays() + " days");
        }
        members.end();
        // What is stored and what is shown have milliseconds.
        return end.truncatedTo(ChronoUnit.MILLIS);
    }

    private static Optional<String> canonical(String label) {
        try {
            return Optional.of(HostPort.parse(label).toString());
        } catch (IllegalArgumentException noAddress) {
            return Optional.empty();
        }
    }

    private void requireMay(ApiRequest request, UpstreamConfig upstream) {
        if (!request.principal().may(Verb.OPERATE, TYPE, upstream.tags())) {
            throw ApiProblem.of(403, "forbidden", "Your token may not operate this upstream");
        }
    }

    private Optional<UpstreamConfig> config(String upstream) {
        return parts.pipeline().current().config().upstreams().find(upstream);
    }

    private Optional<UpstreamConfig> upstream(ApiRequest request) {
        return config(request.pathParameter("upstream"))
                .filter(found -> request.principal().may(Verb.READ, TYPE, found.tags()));
    }

    private static ApiProblem noUpstream(ApiRequest request) {
        return ApiProblem.notFound(
                "There is no upstream \"" + Pointers.shown(request.pathParameter("upstream")) + "\"");
    }
}
