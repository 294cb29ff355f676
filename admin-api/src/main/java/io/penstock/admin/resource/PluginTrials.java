package io.penstock.admin.resource;

import io.penstock.admin.access.Verb;
import io.penstock.admin.store.AuditEvent;
import io.penstock.admin.store.PluginRecord;
import io.penstock.config.ConfigProblem;
import io.penstock.config.Reference;
import io.penstock.config.ResourceType;
import io.penstock.config.SecretConfig;
import io.penstock.config.SecretReferences;
import io.penstock.spi.PluginLibrary.PluginLogLine;
import io.penstock.spi.PluginLibrary.PluginTrial;
import io.penstock.spi.PluginLibrary.PluginTrialRequest;
import io.penstock.spi.PluginRefusedException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** What is done with a version beside the traffic: try a hook, read the log, end a quarantine. */
final class PluginTrials {
    private static final int BODY_CHARS_MAX = 1 << 20;
    private static final int HEADERS_MAX = 200;
    private static final QueryParameter LINES = QueryParameter.integer("limit", "Lines, 1 to 1000, the newest.", 100);

    private final AdminParts parts;
    private final PluginViews views;

    PluginTrials(AdminParts parts) {
        this.parts = parts;
        this.views = new PluginViews(parts);
    }

    /**
     * A line that a plugin wrote.
     *
     * @param requestId the request it was written in, if in one
     */
    record PluginLogView(Instant at, String level, Optional<String> requestId, String text) {}

    /**
     * What a trial gave.
     *
     * @param outcome continue, answered, identified or failed
     * @param before the message's head before the hook, a line each
     * @param after the message's head after the hook, a line each
     * @param answer the answer the hook gave
     * @param fault what went wrong, with file and line of the author's source
     */
    record PluginTrialView(
            String outcome,
            List<String> before,
            List<String> after,
            Optional<PluginAnswerView> answer,
            Optional<String> fault,
            List<PluginLogView> log,
            long cpuMicros) {}

    /** An answer that a hook gave; headers are lines of name and value. */
    record PluginAnswerView(int status, List<String> headers, String body) {}

    List<Endpoint> endpoints() {
        String version = "/v1/plugins/{name}/versions/{version}";
        Schema message = Schema.members(
                Map.of(
                        "method", Schema.text(),
                        "url", Schema.text(),
                        "headers", Schema.mapOf(Schema.text()),
                        "body", Schema.text()),
                List.of());
        Schema answer = Schema.members(
                Map.of(
                        "status", Schema.integer(Optional.of(200)),
                        "headers", Schema.mapOf(Schema.text()),
                        "body", Schema.text()),
                List.of());
        Schema trial = Schema.members(
                Map.of(
                        "hook", Schema.text(),
                        "config", Schema.object("Settings of the binding."),
                        "requestId",
                                Schema.anything(
                                        "A recent request, whose method, host, path and query are taken; what the trail"
                                                + " does not keep is given by request."),
                        "request", message,
                        "response", answer),
                List.of("hook"));
        return List.of(
                Endpoint.of(
                                "POST",
                                version + ":test",
                                "testPluginVersion",
                                "Runs a hook once in the real host, beside the traffic.",
                                this::test)
                        .needs(Verb.OPERATE, PluginViews.TYPE)
                        .reads(trial)
                        .answers(200, Schema.of(PluginTrialView.class)),
                Endpoint.of(
                                "POST",
                                version + ":release",
                                "releasePluginVersion",
                                "Ends the quarantine of a version.",
                                this::release)
                        .needs(Verb.OPERATE, PluginViews.TYPE)
                        .answers(200, Schema.of(PluginViews.PluginVersionView.class)),
                Endpoint.of(
                                "GET",
                                "/v1/plugins/{name}/log",
                                "getPluginLog",
                                "Reads the last lines that a plugin wrote, newest last.",
                                this::log)
                        .needs(Verb.READ, PluginViews.TYPE)
                        .takes(LINES)
                        .answers(200, Schema.pageOf(Schema.of(PluginLogView.class))));
    }

    private ApiReply test(ApiRequest request) {
        PluginEndpoints.requireUntagged(request, Verb.OPERATE);
        PluginRecord plugin = PluginEndpoints.find(parts, request);
        PluginTrialRequest sample = sample(plugin, request.json(JsonBounds.RESOURCE));
        requireSecrets(request, sample);
        try {
            return ApiReply.ok(ConfigJson.write(view(parts.plugins().test(sample))));
        } catch (PluginRefusedException refused) {
            throw PluginFaults.ofTrial(refused);
        }
    }

    // A plugin can say what it was given in ways that no filter of texts would find; so who tries one with a secret
    // must be somebody who could give the secret its value.
    private void requireSecrets(ApiRequest request, PluginTrialRequest sample) {
        for (Reference named : SecretReferences.in(new io.penstock.config.JsonText(sample.config()))) {
            List<String> tags = parts.pipeline()
                    .current()
                    .config()
                    .secrets()
                    .find(named.name())
                    .map(SecretConfig::tags)
                    .orElse(List.of());
            if (!request.principal().may(Verb.WRITE, ResourceType.SECRETS.apiName(), tags)) {
                throw ApiProblem.of(
                        403,
                        "forbidden",
                        "Your token may not try a plugin with the secret \"" + Pointers.shown(named.name()) + "\"",
                        "write a value of your own for the trial into config" + named.pointer());
            }
        }
    }

    private PluginTrialRequest sample(PluginRecord plugin, JsonNode body) {
        BodyMembers members = BodyMembers.of(body, "hook", "config", "requestId", "request", "response");
        String hook = members.required("hook");
        JsonNode config = object(body, "config", members);
        Optional<EnginePort.TraceView> recorded = recorded(members);
        ObjectNode message = object(body, "request", members);
        ObjectNode response = object(body, "response", members);
        List<Map.Entry<String, String>> headers = new ArrayList<>();
        ObjectNode given = object(message, "headers", members);
        if (recorded.isPresent() && !given.has("host") && !given.has("Host")) {
            headers.add(Map.entry("host", recorded.get().host()));
        }
        headers.addAll(headers(given, "request/headers", members));
        PluginTrialRequest sample = new PluginTrialRequest(
                plugin.name(),
                plugin.version(),
                hook,
                JsonText.text(config),
                text(
                        message,
                        "method",
                        recorded.map(EnginePort.TraceView::method).orElse("GET"),
                        members),
                text(message, "url", recorded.map(EnginePort.TraceView::path).orElse("/"), members),
                headers,
                bytes(message, members),
                status(response, members),
                headers(object(response, "headers", members), "response/headers", members),
                bytes(response, members));
        members.end();
        return sample;
    }

    private Optional<EnginePort.TraceView> recorded(BodyMembers members) {
        Optional<String> id = members.text("requestId");
        Optional<EnginePort.TraceView> recorded = id.flatMap(parts.engine()::request);
        if (id.isPresent() && recorded.isEmpty()) {
            members.fault(
                    "requestId",
                    ConfigProblem.UNKNOWN_REFERENCE,
                    "no recent request has the id \"" + Pointers.shown(id.get()) + "\"");
        }
        return recorded;
    }

    private static ObjectNode object(JsonNode parent, String member, BodyMembers members) {
        JsonNode node = parent.path(member);
        if (node instanceof ObjectNode object) {
            return object;
        }
        if (!node.isMissingNode() && !node.isNull()) {
            members.fault(member, Fault.WRONG_TYPE, "found " + JsonText.kindOf(node) + ", wanted an object");
        }
        return JsonText.NODES.objectNode();
    }

    private static String text(ObjectNode object, String member, String absent, BodyMembers members) {
        JsonNode node = object.path(member);
        if (node.isMissingNode() || node.isNull()) {
            return absent;
        }
        if (!node.isString() || node.stringValue().length() > BODY_CHARS_MAX) {
            members.fault(member, Fault.WRONG_TYPE, "wanted a text of at most " + BODY_CHARS_MAX + " characters");
            return absent;
        }
        return node.stringValue();
    }

    private static byte[] bytes(ObjectNode object, BodyMembers members) {
        return text(object, "body", "", members).getBytes(StandardCharsets.UTF_8);
    }

    private static int status(ObjectNode response, BodyMembers members) {
        JsonNode node = response.path("status");
        if (node.isMissingNode()) {
            return 200;
        }
        if (!node.isInt() || node.intValue() < 100 || node.intValue() > 599) {
            members.fault("response/status", ConfigProblem.OUT_OF_RANGE, "wanted 100 to 599");
            return 200;
        }
        return node.intValue();
    }

    private static List<Map.Entry<String, String>> headers(ObjectNode object, String place, BodyMembers members) {
        List<Map.Entry<String, String>> headers = new ArrayList<>();
        for (Map.Entry<String, JsonNode> member : object.properties()) {
            JsonNode value = member.getValue();
            for (JsonNode one : value.isArray() ? value.valueStream().toList() : List.of(value)) {
                if (one.isString() && headers.size() < HEADERS_MAX) {
                    headers.add(Map.entry(member.getKey(), one.stringValue()));
                } else {
                    members.fault(
                            place,
                            Fault.WRONG_TYPE,
                            "wanted texts or lists of texts by name, at most " + HEADERS_MAX + " in all");
                    return headers;
                }
            }
        }
        return headers;
    }

    private static PluginTrialView view(PluginTrial trial) {
        return new PluginTrialView(
                trial.outcome(),
                trial.before(),
                trial.after(),
                trial.answer()
                        .map(answer -> new PluginAnswerView(
                                answer.status(),
                                answer.headers().stream()
                                        .map(header -> header.getKey() + ": " + header.getValue())
                                        .toList(),
                                new String(answer.body(), StandardCharsets.UTF_8))),
                trial.fault(),
                trial.log().stream().map(PluginTrials::line).toList(),
                trial.cpuMicros());
    }

    private static PluginLogView line(PluginLogLine line) {
        return new PluginLogView(
                Instant.ofEpochMilli(line.epochMs()),
                line.level(),
                line.requestId().isEmpty() ? Optional.empty() : Optional.of(line.requestId()),
                line.text());
    }

    private ApiReply release(ApiRequest request) {
        PluginEndpoints.requireUntagged(request, Verb.OPERATE);
        PluginRecord plugin = PluginEndpoints.find(parts, request);
        if (!parts.plugins().release(plugin.name(), plugin.version())) {
            throw ApiProblem.of(409, "not-quarantined", "Plugin " + plugin.id() + " is not in quarantine");
        }
        parts.plugins()
                .audit(parts.plugins()
                        .event(PluginEndpoints.actor(request), "plugin.release", plugin, AuditEvent.Outcome.APPLIED));
        return ApiReply.ok(ConfigJson.write(views.version(request, plugin)));
    }

    private ApiReply log(ApiRequest request) {
        PluginEndpoints.requireUntagged(request, Verb.READ);
        String name = request.pathParameter("name");
        if (parts.plugins().versionsOf(name).isEmpty()) {
            throw PluginEndpoints.noPlugin(name);
        }
        ArrayNode items = JsonText.NODES.arrayNode();
        parts.plugins().log(name, Lists.limit(request)).forEach(line -> items.add(ConfigJson.write(line(line))));
        return Lists.page(request, items, Optional.empty());
    }
}
