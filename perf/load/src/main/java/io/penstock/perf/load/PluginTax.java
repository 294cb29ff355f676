package io.penstock.perf.load;

import io.gatling.javaapi.core.PopulationBuilder;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * No plugin, one, three and ten on a route, whose hooks answer at once or make the request wait for a promise. All at the same
 * time, so that they can be compared; each plugin checks a header and sets one.
 */
public final class PluginTax extends Suite {
    private static final String SYNC = """
            export default {
              onRequest(req, ctx) { if (req.headers.get('x-load-stop')) return ctx.reject(403, 'stopped'); },
              onResponse(res) { res.headers.set('x-load-seen', 'yes'); },
            };""";
    // Of the store, which answers in a later turn of the loop: the request is suspended.
    private static final String ASYNC = """
            export default {
              async onRequest(req, ctx) { if (await ctx.kv('load').get('stop')) return ctx.reject(403, 'stopped'); },
              onResponse(res) { res.headers.set('x-load-seen', 'yes'); },
            };""";

    private final List<Integer> counts = plan.isShort() ? List.of(1, 3) : List.of(1, 3, 10);

    public PluginTax() {
        List<PopulationBuilder> together = pair("0 plugins", "/tax/none", plan.rate());
        gate("0 plugins");
        for (String kind : List.of("sync", "async")) {
            for (int count : counts) {
                String what = count + " " + kind;
                together.add(
                        pair(what, "/tax/" + kind + "/" + count, plan.rate()).getFirst());
                gate(what);
            }
        }
        List<PopulationBuilder> turns = new ArrayList<>();
        turns.add(warmUp("/tax/none", ""));
        for (String kind : List.of("sync", "async")) {
            turns.add(warmUp("/tax/" + kind + "/" + counts.getLast(), " " + kind));
        }
        turns.add(turns.removeLast().andThen(array(together)));
        run(inTurn(turns));
    }

    @Override
    void setUpBox(Box gateway) {
        List<Box.Resource> routes = new ArrayList<>();
        for (String kind : List.of("sync", "async")) {
            for (int i = 1; i <= counts.getLast(); i++) {
                boolean waits = kind.equals("async");
                gateway.store(
                        plugin(kind, i),
                        "1.0.0",
                        waits ? ASYNC : SYNC,
                        waits ? "{\"permissions\":{\"kv\":[\"load\"]}}" : "{}");
            }
            for (int count : counts) {
                String filters = IntStream.rangeClosed(1, count)
                        .mapToObj(i -> "{\"type\":\"plugin\",\"use\":\"" + plugin(kind, i) + "@1.0.0\"}")
                        .collect(Collectors.joining(","));
                routes.add(route(
                        "tax-" + kind + "-" + count, "/tax/" + kind + "/" + count, ",\"filters\":[" + filters + "]"));
            }
        }
        gateway.put(routes);
    }

    private static String plugin(String kind, int number) {
        return "load-" + kind + "-" + number;
    }
}
