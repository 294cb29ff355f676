package io.penstock.admin.resource;

import io.penstock.admin.access.Verb;
import io.penstock.admin.revision.CurrentConfig;
import io.penstock.config.ConfigProblem;
import io.penstock.config.IpAddress;
import io.penstock.engine.SampleRefusedException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** What was observed, read without asking a worker: the node, names, counters, latencies, recent requests, explanations. */
final class ObservationEndpoints {
    private final AdminParts parts;

    ObservationEndpoints(AdminParts parts) {
        this.parts = parts;
    }

    List<Endpoint> endpoints() {
        Schema trace = Schema.of(EnginePort.TraceView.class);
        Schema sample = Schema.members(
                Map.of(
                        "method", Schema.text(),
                        "url", Schema.text(),
                        "headers", Schema.mapOf(Schema.text()),
                        "listener", Schema.text(),
                        "clientAddress", Schema.text()),
                List.of("url"));
        return List.of(
                Endpoint.of(
                                "POST",
                                "/v1/explain",
                                "explain",
                                "Tells what would become of a sample request, and why.",
                                this::explain)
                        .needs(Verb.READ, "explain")
                        .reads(sample)
                        .answers(200, Schema.of(EnginePort.ExplainView.class)),
                Endpoint.of("GET", "/v1/node", "getNode", "Tells how this instance stands.", this::node)
                        .needs(Verb.READ, "node")
                        .answers(
                                200,
                                Schema.members(
                                        Map.of("engine", Schema.of(EnginePort.EngineView.class)), List.of("engine"))),
                Endpoint.of(
                                "GET",
                                "/v1/dns",
                                "listDns",
                                "Lists the names that upstreams need and what is known of them.",
                                this::dns)
                        .needs(Verb.READ, "dns")
                        .answers(200, Schema.pageOf(Schema.of(EnginePort.DnsView.class))),
                Endpoint.of(
                                "POST",
                                "/v1/dns:flush",
                                "flushDns",
                                "Asks again for a name, or for all, now; known addresses are served until there are others.",
                                this::flush)
                        .needs(Verb.OPERATE, "dns")
                        .reads(Schema.members(Map.of("name", Schema.text()), List.of()))
                        .answers(200, Schema.object("How many names are asked for again.")),
                Endpoint.of(
                                "GET",
                                "/v1/stats",
                                "getStats",
                                "Reads every counter, and what each plugin's hooks cost.",
                                this::stats)
                        .needs(Verb.READ, "stats")
                        .answers(
                                200,
                                Schema.members(
                                        Map.of(
                                                "counters", Schema.mapOf(Schema.integer(Optional.empty())),
                                                "plugins", Schema.listOf(Schema.of(PluginViews.PluginStatsView.class))),
                                        List.of("counters"))),
                Endpoint.of(
                                "GET",
                                "/v1/stats/latency",
                                "getLatency",
                                "Reads the distributions of durations.",
                                this::latency)
                        .needs(Verb.READ, "stats")
                        .answers(200, Schema.pageOf(Schema.of(EnginePort.LatencyView.class))),
                Endpoint.of(
                                "GET",
                                "/v1/requests",
                                "listRequests",
                                "Lists recent requests, newest first.",
                                this::requests)
                        .needs(Verb.READ, "requests")
                        .takes(QueryParameter.LIMIT, QueryParameter.flag("failed", "Only refused or broken ones."))
                        .answers(200, Schema.pageOf(trace)),
                Endpoint.of(
                                "GET",
                                "/v1/requests/heads",
                                "listRequestHeads",
                                "Lists heads of some recent requests of each route, newest first, without credentials, and what would become"
                                        + " of each now.",
                                this::heads)
                        .needs(Verb.READ, "requests")
                        .takes(QueryParameter.LIMIT)
                        .answers(
                                200,
                                Schema.members(
                                        Map.of(
                                                "version", Schema.text(),
                                                "revision", Schema.integer(Optional.empty()),
                                                "items", Schema.listOf(Schema.of(EnginePort.HeadView.class))),
                                        List.of("version", "revision", "items"))),
                Endpoint.of(
                                "GET",
                                "/v1/requests/{id}",
                                "getRequest",
                                "Reads a recent request and how it was decided.",
                                this::request)
                        .needs(Verb.READ, "requests")
                        .answers(200, trace));
    }

    private ApiReply explain(ApiRequest request) {
        JsonNode body = request.json(JsonBounds.RESOURCE);
        BodyMembers members = BodyMembers.of(body, "method", "url", "headers", "listener", "clientAddress");
        EnginePort.ExplainQuery query = new EnginePort.ExplainQuery(
                members.text("method").orElse("GET"),
                members.required("url"),
                headers(body.get("headers"), members),
                listener(members),
                clientAddress(members));
        members.end();
        try {
            CurrentConfig current = parts.pipeline().current();
            return ApiReply.ok(ConfigJson.write(parts.engine().explain(query)))
                    .with("Config-Revision", Long.toString(current.revision()));
        } catch (SampleRefusedException notASample) {
            throw ApiProblem.invalid(
                    "/" + notASample.member(), ConfigProblem.BAD_VALUE, String.valueOf(notASample.getMessage()));
        }
    }

    private String listener(BodyMembers members) {
        String name = members.text("listener").orElse("");
        if (!name.isEmpty()
                && parts.pipeline().current().config().listeners().find(name).isEmpty()) {
            members.fault("listener", "unknown-reference", "listener \"" + Pointers.shown(name) + "\" is not defined");
        }
        return name;
    }

    private static String clientAddress(BodyMembers members) {
        String text = members.text("clientAddress").orElse("");
        if (!text.isEmpty() && IpAddress.of(text).isEmpty()) {
            members.fault(
                    "clientAddress",
                    ConfigProblem.BAD_VALUE,
                    "found \"" + Pointers.shown(text) + "\", wanted an IP address");
        }
        return text;
    }

    /** An object of texts or lists of texts, or a list of {@code name: value} texts. */
    private static List<EnginePort.HeaderView> headers(@Nullable JsonNode node, BodyMembers members) {
        List<EnginePort.HeaderView> headers = new ArrayList<>();
        if (node == null) {
            return headers;
        }
        if (!(node instanceof ObjectNode object)) {
            members.fault("headers", Fault.WRONG_TYPE, "found " + JsonText.kindOf(node) + ", wanted an object");
            return headers;
        }
        for (Map.Entry<String, JsonNode> member : object.properties()) {
            JsonNode value = member.getValue();
            List<JsonNode> all = value.isArray() ? value.valueStream().toList() : List.of(value);
            for (JsonNode one : all) {
                if (one.isString()) {
                    headers.add(new EnginePort.HeaderView(member.getKey(), one.stringValue()));
                } else {
                    members.fault(
                            Pointers.member("headers", member.getKey()),
                            Fault.WRONG_TYPE,
                            "found " + JsonText.kindOf(one) + ", wanted a text");
                }
            }
        }
        return headers;
    }

    private ApiReply node(ApiRequest request) {
        ObjectNode body = NodeView.of(parts);
        return ApiReply.ok(body)
                .with("Config-Revision", body.path("config").path("revision").asString("0"));
    }

    private ApiReply dns(ApiRequest request) {
        return list(request, parts.engine().dns());
    }

    private ApiReply flush(ApiRequest request) {
        JsonNode body = request.jsonIfAny(JsonBounds.RESOURCE).orElseGet(JsonText.NODES::objectNode);
        BodyMembers members = BodyMembers.of(body, "name");
        Optional<String> name = members.text("name");
        members.end();
        if (name.isPresent()) {
            if (!parts.engine().flushDns(name.get())) {
                throw ApiProblem.notFound("No upstream needs the name \"" + Pointers.shown(name.get()) + "\"");
            }
            return ApiReply.ok(JsonText.NODES.objectNode().put("flushed", 1));
        }
        long flushed = parts.engine().dns().stream()
                .filter(known -> parts.engine().flushDns(known.name()))
                .count();
        return ApiReply.ok(JsonText.NODES.objectNode().put("flushed", flushed));
    }

    private ApiReply stats(ApiRequest request) {
        ObjectNode body = JsonText.NODES.objectNode();
        ObjectNode counters = body.putObject("counters");
        parts.engine().counters().forEach(counters::put);
        if (request.principal().may(Verb.READ, PluginViews.TYPE)) {
            ArrayNode plugins = body.putArray("plugins");
            new PluginViews(parts).stats().forEach(each -> plugins.add(ConfigJson.write(each)));
        }
        return ApiReply.ok(body);
    }

    private ApiReply latency(ApiRequest request) {
        return list(request, parts.engine().latencies());
    }

    private ApiReply requests(ApiRequest request) {
        return list(request, parts.engine().requests(request.query().flag("failed"), Lists.limit(request)));
    }

    private ApiReply heads(ApiRequest request) {
        ObjectNode body = HeadDocument.recorded(parts.engine(), Lists.limit(request));
        return ApiReply.ok(body).with("Config-Revision", body.path("revision").asString("0"));
    }

    private ApiReply request(ApiRequest request) {
        String id = request.pathParameter("id");
        EnginePort.TraceView found = parts.engine()
                .request(id)
                .orElseThrow(() -> ApiProblem.of(
                        404,
                        "not-found",
                        "No recent request has the id \"" + Pointers.shown(id) + "\"",
                        "only recent requests are kept; the access log has all"));
        return ApiReply.ok(ConfigJson.write(found));
    }

    private static ApiReply list(ApiRequest request, List<? extends Record> views) {
        ArrayNode items = JsonText.NODES.arrayNode();
        views.forEach(view -> items.add(ConfigJson.write(view)));
        return Lists.page(request, items, Optional.empty());
    }
}
