package io.penstock.admin.resource;

import io.penstock.config.Effective;
import io.penstock.config.EffectiveRoute;
import io.penstock.config.ProxyConfig;
import io.penstock.config.RouteConfig;
import io.penstock.config.RouteWay;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** What holds for a route when all levels are put together, each value with {@code from}: where it was written. */
final class EffectiveView {
    private EffectiveView() {}

    static ObjectNode of(ProxyConfig config, String name) {
        RouteConfig route = config.routes().find(name).orElseThrow();
        ObjectNode view = JsonText.NODES
                .objectNode()
                .put("name", name)
                .put("served", !RouteWay.served(config, route).isEmpty());
        view.set("matches", ConfigJson.write(route).get("matches"));
        if (route.backends().isEmpty()) {
            write(EffectiveRoute.of(config, route), view);
            return view;
        }
        // What holds depends on the backend that a request is given.
        ArrayNode backends = view.putArray("backends");
        for (RouteWay way : RouteWay.all(config, route)) {
            ObjectNode backend = backends.addObject()
                    .put("backend", way.identity())
                    .put("weight", way.weight())
                    .put("served", way.effective().isServed());
            write(way.effective(), backend);
        }
        return view;
    }

    private static void bound(ObjectNode into, Effective<Optional<Duration>> bound) {
        into.put("from", bound.from().toString());
        bound.value().ifPresent(found -> into.set("value", json(found)));
    }

    private static void write(EffectiveRoute route, ObjectNode view) {
        route.group().ifPresent(group -> view.put("group", group.name()));
        route.service().ifPresent(service -> view.put("service", service.name()));
        route.upstream().ifPresent(upstream -> view.put("upstream", upstream.name()));
        ObjectNode timeouts = view.putObject("timeouts");
        bound(timeouts.putObject("total"), route.total());
        bound(timeouts.putObject("tunnelIdle"), route.tunnelIdle());
        timeouts.set("tunnelLifetime", effective(route.tunnelLifetime()));
        view.putObject("body").set("max", effective(route.bodyMax()));
        view.set("retries", effective(route.retries()));
        view.set("limits", list(route.limits()));
        // One value, unlike filters: the nearest list takes the place of those farther out, as a whole.
        view.set("auth", effective(route.auth()));
        view.set("filters", list(route.filters()));
        view.set("access", setting(route.access()));
        view.set("cors", setting(route.cors()));
        view.set("admission", setting(route.admission()));
        view.set("identityHeaders", setting(route.identityHeaders()));
        view.set("maintenance", setting(route.maintenance()));
        ObjectNode pages = view.putObject("errorPages");
        ArrayNode names = pages.putArray("value");
        route.errorPages().value().forEach(page -> names.add(page.name()));
        pages.put("from", route.errorPages().from().toString());
    }

    private static ArrayNode list(List<? extends Effective<?>> all) {
        ArrayNode list = JsonText.NODES.arrayNode();
        all.forEach(each -> list.add(effective(each)));
        return list;
    }

    private static ObjectNode setting(Effective<? extends Optional<?>> value) {
        ObjectNode view = JsonText.NODES.objectNode();
        value.value().ifPresent(held -> view.set("value", json(held)));
        return view.put("from", value.from().toString());
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
