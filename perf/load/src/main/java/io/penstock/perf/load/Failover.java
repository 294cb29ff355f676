package io.penstock.perf.load;

import static io.gatling.javaapi.core.CoreDsl.atOnceUsers;
import static io.gatling.javaapi.core.CoreDsl.constantUsersPerSec;
import static io.gatling.javaapi.core.CoreDsl.nothingFor;
import static io.gatling.javaapi.core.CoreDsl.scenario;

import io.gatling.javaapi.core.PopulationBuilder;
import java.net.URI;
import java.time.Duration;
import java.util.List;

/**
 * One of two targets is killed under load, with requests at it, and comes back later: no client may notice, and the target has
 * to get its share again. The second target is here, in the generator; the gateway has to reach it.
 */
public final class Failover extends Suite {
    private static final String BELOW = "/pair";

    private final SecondTarget second = new SecondTarget(URI.create(plan.url()));
    private volatile int servedBefore;
    private volatile int servedWhileDead;

    public Failover() {
        Duration soon = Duration.ofMillis(plan.seconds() * 250L);
        PopulationBuilder before = steady("before");
        PopulationBuilder dead = steady("one dead");
        PopulationBuilder after = steady("after");
        PopulationBuilder kill = at(soon, "kill", () -> {
            servedBefore = second.served();
            second.kill();
        });
        PopulationBuilder revive = at(soon, "revive", () -> {
            servedWhileDead = second.served() - servedBefore;
            second.revive();
        });
        List.of("before", "one dead", "after").forEach(this::gate);
        run(warmUp(BELOW, "").andThen(before.andThen(dead.andThen(after, revive), kill)));
    }

    private PopulationBuilder steady(String what) {
        return open(
                name(PROXIED, what),
                get(name(PROXIED, what), proxiedUrl(BELOW)),
                constantUsersPerSec(plan.rate()).during(plan.seconds()));
    }

    private static PopulationBuilder at(Duration soon, String name, Runnable action) {
        return scenario(name)
                .exec(session -> {
                    action.run();
                    return session;
                })
                .injectOpen(nothingFor(soon), atOnceUsers(1));
    }

    @Override
    void setUpBox(Box gateway) {
        second.revive();
        String first = URI.create(plan.direct().orElseThrow()).getAuthority();
        // Where no gate may hold, it is not one of the targets.
        String other = plan.isSabotaged() ? "" : ",{\"address\":\"" + second.authority() + "\"}";
        gateway.put(List.of(
                new Box.Resource(
                        "/upstreams/load-pair",
                        "{\"targets\":[{\"address\":\"" + first + "\"}" + other
                                + "],\"retries\":{\"attempts\":2,\"when\":[\"connectFailure\",\"reset\"]}}"),
                new Box.Resource("/services/load-pair", "{\"upstream\":\"load-pair\"}"),
                route("pair", "load-pair", BELOW, "")));
    }

    @Override
    void tell(Facts found) {
        int servedAfter = second.served() - servedBefore - servedWhileDead;
        second.kill();
        found.value("second target: served before it was killed", servedBefore);
        found.value("second target: served after it came back", servedAfter);
        found.gate("the second target gets requests", servedBefore > 0);
        found.gate("the second target gets requests again once it is back", servedAfter > 0);
    }
}
