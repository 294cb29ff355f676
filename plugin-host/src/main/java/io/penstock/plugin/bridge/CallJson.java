package io.penstock.plugin.bridge;

import io.penstock.http.StatusReasons;
import io.penstock.spi.EndpointView;
import io.penstock.spi.ExchangeSummary;
import io.penstock.spi.FilterCall;
import io.penstock.spi.Identity;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** What crosses the border rarely and in one piece: as JSON text, one crossing instead of one for each member. */
final class CallJson {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final int NAMES_MAX = 64;

    private CallJson() {}

    static String identity(@Nullable Identity identity) {
        if (identity == null) {
            return "null";
        }
        ObjectNode node = JSON.createObjectNode();
        node.put("name", identity.consumer());
        node.put("subject", identity.subject());
        node.set("groups", JSON.valueToTree(identity.groups()));
        node.set("claims", JSON.valueToTree(identity.claims()));
        return node.toString();
    }

    @Nullable
    static String identify(String json, FilterCall call) {
        JsonNode who;
        try {
            who = JSON.readTree(json);
        } catch (JacksonException notJson) {
            return "ctx.identify takes an object";
        }
        String consumer = who.path("consumer").isString() ? who.path("consumer").asString() : null;
        String subject = who.path("subject").asString("");
        if (consumer == null && subject.isEmpty()) {
            return "ctx.identify wants a consumer or a subject";
        }
        List<String> groups = new ArrayList<>();
        Map<String, String> claims = new LinkedHashMap<>();
        for (JsonNode group : who.path("groups")) {
            groups.add(group.asString(""));
        }
        for (Map.Entry<String, JsonNode> claim : who.path("claims").properties()) {
            JsonNode value = claim.getValue();
            claims.put(claim.getKey(), value.isString() ? value.asString() : value.toString());
        }
        if (groups.size() > NAMES_MAX || claims.size() > NAMES_MAX) {
            return "ctx.identify takes at most " + NAMES_MAX + " groups and claims";
        }
        call.identify(
                new Identity(consumer, subject.isEmpty() && consumer != null ? consumer : subject, groups, claims));
        return null;
    }

    static String summary(ExchangeSummary summary, FilterCall call) {
        ObjectNode node = JSON.createObjectNode();
        node.put("requestId", call.requestId());
        node.put("route", call.route());
        node.put("method", call.request().method());
        node.put("path", call.request().path());
        node.put("status", summary.status());
        node.put("reason", summary.reason());
        node.put("totalMs", summary.totalNs() / 1e6);
        node.put("upstreamMs", summary.upstreamNs() / 1e6);
        node.put("requestBytes", summary.requestBytes());
        node.put("responseBytes", summary.responseBytes());
        node.put("upstream", summary.upstream());
        node.put("endpoint", summary.endpoint());
        node.put("attempts", summary.attempts());
        return node.toString();
    }

    static String error(CallSubject.ErrorView error) {
        ObjectNode node = JSON.createObjectNode();
        node.put("reason", error.reason().code());
        node.put("status", error.reason().status());
        node.put("detail", error.detail());
        return node.toString();
    }

    static String endpoint(@Nullable EndpointView endpoint) {
        if (endpoint == null) {
            return "null";
        }
        ObjectNode node = JSON.createObjectNode();
        node.put("upstream", endpoint.upstream());
        node.put("address", endpoint.address());
        node.put("attempt", endpoint.attempt());
        return node.toString();
    }

    /**
     * A rejection as a problem document (RFC 9457), with the members that the gateway's own refusals have: the title is the
     * status's phrase, as section 4.2.1 wants it of {@code about:blank}; the plugin's word for it is the reason.
     */
    static byte[] problem(int status, String reason, String detail, String requestId) {
        ObjectNode node = JSON.createObjectNode();
        node.put("type", "about:blank");
        node.put("title", StatusReasons.of(status));
        node.put("status", status);
        if (!reason.isEmpty()) {
            node.put("reason", reason);
        }
        if (!detail.isEmpty()) {
            node.put("detail", detail);
        }
        node.put("requestId", requestId);
        return JSON.writeValueAsBytes(node);
    }
}
