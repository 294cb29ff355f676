package io.penstock.admin.resource;

import io.penstock.config.Effective;
import io.penstock.config.EffectiveRoute;
import io.penstock.config.ProxyConfig;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** What holds for a route when all levels are put together, each value with {@code from}: where it was written. */
final class EffectiveView {
    private EffectiveView() {}

    static ObjectNode of(ProxyConfig config, String name) {
        EffectiveRoute route =
                EffectiveRoute.of(config, config.routes().find(name).orElseThrow());
        ObjectNode view = JsonText.NODES.objectNode().put("name", name).put("served", route.isServed());
        view.set("matches", ConfigJson.write(route.route()).get("matches"));
        route.group().ifPresent(group -> view.put("group", group.name()));
        route.service().ifPresent(service -> view.put("service", service.name()));
        route.upstream().ifPresent(upstream -> view.put("upstream", upstream.name()));
        ObjectNode total = view.putObject("timeouts").putObject("total");
        total.put("from", route.total().from().toString());
        route.total().value().ifPresent(bound -> total.set("value", json(bound)));
        view.putObject("body").set("max", effective(route.bodyMax()));
        view.set("limits", list(route.limits()));
        // One value, unlike filters: the nearest list takes the place of those farther out, as a whole.
        view.set("auth", effective(route.auth()));
        view.set("filters", list(route.filters()));
        return view;
    }

    private static ArrayNode list(List<? extends Effective<?>> all) {
        ArrayNode list = JsonText.NODES.arrayNode();
        all.forEach(each -> list.add(effective(each)));
        return list;
    }

    private static ObjectNode effective(Effective<?> value) {
        ObjectNode view = JsonText.NODES.objectNode();
        view.set("value", json(value.value()));
        return view.put("from", value.from().toString());
    }

    private static JsonNode json(Object value) {
        return RecordWriter.value(value, RecordWriter.View.FULL);
    }
}
