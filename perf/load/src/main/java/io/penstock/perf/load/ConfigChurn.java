package io.penstock.perf.load;

import static io.gatling.javaapi.core.CoreDsl.StringBody;
import static io.gatling.javaapi.core.CoreDsl.constantUsersPerSec;
import static io.gatling.javaapi.core.CoreDsl.scenario;
import static io.gatling.javaapi.http.HttpDsl.http;
import static io.gatling.javaapi.http.HttpDsl.status;

import io.gatling.javaapi.core.PopulationBuilder;
import io.gatling.javaapi.core.Session;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/** Steady traffic through a plugin while the configuration changes: ten revisions a second, one of them a swap of the plugin. */
public final class ConfigChurn extends Suite {
    private static final int ROUTES = 50;
    private static final double SWAPS = 0.1;
    /** In a run of seconds: to another version and back. */
    private static final double SWAPS_MIN = 2;

    private static final int EDIT_MS_MAX = 20_000;
    private static final List<String> VERSIONS = List.of("1.0.0", "2.0.0");

    private final AtomicInteger edits = new AtomicInteger();
    private final AtomicInteger swaps = new AtomicInteger();

    public ConfigChurn() {
        List<PopulationBuilder> together = pair("", "/churn/served", plan.rate());
        together.add(edits("edit", plan.editsPerSecond() * (1 - SWAPS), session -> {
            int turn = edits.incrementAndGet();
            return put(churned(turn % ROUTES, turn, plan.isSabotaged() ? NO_SERVICE : SERVICE));
        }));
        double swapsPerSecond = Math.max(plan.editsPerSecond() * SWAPS, SWAPS_MIN / plan.seconds());
        together.add(edits("swap", swapsPerSecond, session -> {
            int turn = swaps.incrementAndGet();
            return put(served(plan.isSabotaged() ? "9.0.0" : VERSIONS.get(turn % VERSIONS.size())));
        }));
        gate("");
        for (String change : List.of("edit", "swap")) {
            gateErrors(change);
            gateP99(change, plan.isSabotaged() ? 0 : EDIT_MS_MAX);
        }
        run(warmUp("/churn/served", "").andThen(array(together)));
    }

    @Override
    void setUpBox(Box gateway) {
        for (String version : VERSIONS) {
            gateway.store(
                    "load-churn",
                    version,
                    "export default { onResponse(res) { res.headers.set('x-load-version', '" + version + "'); } };",
                    "{}");
        }
        List<Box.Resource> routes = new ArrayList<>(List.of(served(VERSIONS.getFirst())));
        for (int i = 0; i < ROUTES; i++) {
            routes.add(churned(i, 0, SERVICE));
        }
        gateway.put(routes);
    }

    private PopulationBuilder edits(String name, double perSecond, Function<Session, String> body) {
        // 202 says that a worker does not serve it yet after five seconds. Where others have the cores, as in a short
        // form
        // beside a build, no gateway can help that.
        List<Integer> accepted = plan.isShort() ? List.of(200, 202) : List.of(200);
        return scenario(name)
                .exec(http(name)
                        .post(plan.admin().orElseThrow(() -> new IllegalArgumentException("ConfigChurn needs --admin"))
                                + "/v1/config:edit")
                        .header("Authorization", "Bearer " + plan.token())
                        .header("Content-Type", "application/json")
                        .header("If-Match", "*")
                        .body(StringBody(body))
                        .check(status().in(accepted)))
                .injectOpen(constantUsersPerSec(perSecond).during(plan.seconds()));
    }

    private static String put(Box.Resource resource) {
        return "{\"ops\":[{\"put\":\"" + resource.path() + "\",\"value\":" + resource.json() + "}]}";
    }

    private static Box.Resource served(String version) {
        return route(
                "churn-served",
                "/churn/served",
                ",\"filters\":[{\"type\":\"plugin\",\"use\":\"load-churn@" + version + "\"}]");
    }

    // Every other edit changes what is matched, the rest only what is written beside it.
    private static Box.Resource churned(int route, int turn, String service) {
        String below = "/churn/" + route + (turn / ROUTES % 2 == 0 ? "" : "/");
        return route("churn-" + route, service, below, ",\"note\":\"turn " + turn + "\"");
    }
}
