package io.penstock.perf.load;

import static io.gatling.javaapi.core.CoreDsl.constantUsersPerSec;
import static io.gatling.javaapi.core.CoreDsl.rampUsersPerSec;
import static io.gatling.javaapi.http.HttpDsl.http;

import io.gatling.javaapi.core.OpenInjectionStep;
import io.gatling.javaapi.core.PopulationBuilder;
import io.gatling.javaapi.http.HttpRequestActionBuilder;
import java.util.ArrayList;
import java.util.List;

/** A new connection for each request, and suddenly five times as many of them. */
public final class ConnStorm extends Suite {
    private static final int STORM = 5;
    private static final int STORM_RAMP_S = 1;

    public ConnStorm() {
        OpenInjectionStep steady = constantUsersPerSec(plan.rate()).during(plan.seconds());
        OpenInjectionStep ramp =
                rampUsersPerSec(plan.rate()).to(plan.rate() * STORM).during(STORM_RAMP_S);
        OpenInjectionStep storm = constantUsersPerSec(plan.rate() * STORM).during(plan.seconds());
        List<PopulationBuilder> turns = new ArrayList<>();
        turns.add(warmUp("/storm", ""));
        for (String url : directUrl("/storm")) {
            turns.add(open(name(DIRECT, "storm"), once(name(DIRECT, "storm"), url), ramp, storm));
        }
        turns.add(open(name(PROXIED, "before"), once(name(PROXIED, "before"), proxiedUrl("/storm")), steady));
        turns.add(open(name(PROXIED, "storm"), once(name(PROXIED, "storm"), proxiedUrl("/storm")), ramp, storm));
        turns.add(open(name(PROXIED, "after"), once(name(PROXIED, "after"), proxiedUrl("/storm")), steady));
        List.of("before", "storm", "after").forEach(this::gate);
        // Not shared: each user opens its own.
        run(http, inTurn(turns));
    }

    private HttpRequestActionBuilder once(String name, String url) {
        return get(name, url).header("Connection", "close");
    }
}
