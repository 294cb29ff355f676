package io.penstock.perf.load;

import static io.gatling.javaapi.core.CoreDsl.atOnceUsers;
import static io.gatling.javaapi.core.CoreDsl.scenario;

import io.gatling.javaapi.core.PopulationBuilder;
import java.util.ArrayList;
import java.util.List;

/** The last of 10, of 1 000 and of 100 000 routes: what a table costs that nobody wants to read any more. */
public final class BigRouteTable extends Suite {
    private final List<Integer> sizes = plan.isShort() ? List.of(10, 1_000) : List.of(10, 1_000, 100_000);
    private volatile int routes;

    public BigRouteTable() {
        List<PopulationBuilder> later = List.of();
        for (int size : sizes.reversed()) {
            String last = "/r/" + (size - 1);
            List<PopulationBuilder> load = pair("of " + size, last, plan.rate());
            if (!later.isEmpty()) {
                load.set(0, load.getFirst().andThen(array(later)));
            }
            later = List.of(table(size).andThen(warmUp(last, " of " + size).andThen(array(load))));
            gate("of " + size);
        }
        run(array(later));
    }

    @Override
    void tell(Facts found) {
        found.value("routes", routes);
        found.gate("the largest table was made", routes == sizes.getLast());
    }

    // Blocks a thread of Gatling's, which has nothing else to do: no load runs meanwhile.
    private PopulationBuilder table(int size) {
        String service = plan.isSabotaged() ? NO_SERVICE : SERVICE;
        return scenario("table of " + size)
                .exec(session -> {
                    List<Box.Resource> more = new ArrayList<>();
                    for (int i = routes; i < size; i++) {
                        more.add(route("r-" + i, service, "/r/" + i, ""));
                    }
                    gateway().put(more);
                    routes = size;
                    return session;
                })
                .injectOpen(atOnceUsers(1));
    }
}
