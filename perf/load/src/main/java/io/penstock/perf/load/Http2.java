package io.penstock.perf.load;

import static io.gatling.javaapi.core.CoreDsl.constantUsersPerSec;
import static io.gatling.javaapi.http.HttpDsl.http;

import io.gatling.javaapi.core.PopulationBuilder;

/** A steady rate over HTTP/2 by TLS, on connections that are kept and shared. */
public final class Http2 extends Suite {
    public Http2() {
        gate("");
        PopulationBuilder warmUp = open(
                "warm-up",
                get("warm-up", secureUrl("/http2")),
                constantUsersPerSec(plan.rate()).during(plan.warmSeconds()));
        PopulationBuilder steady = open(
                name(PROXIED, ""),
                get(name(PROXIED, ""), secureUrl("/http2")),
                constantUsersPerSec(plan.rate()).during(plan.seconds()).randomized());
        run(http.shareConnections().enableHttp2(), warmUp.andThen(steady));
    }
}
