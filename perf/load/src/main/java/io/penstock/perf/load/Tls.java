package io.penstock.perf.load;

import static io.gatling.javaapi.core.CoreDsl.constantUsersPerSec;
import static io.gatling.javaapi.http.HttpDsl.http;

/** A steady rate by TLS, each request on a connection of its own: handshakes. */
public final class Tls extends Suite {
    public Tls() {
        gate("");
        // Not shared: each user opens its own.
        run(
                http,
                open(
                        name(PROXIED, ""),
                        get(name(PROXIED, ""), secureUrl("/tls")).header("Connection", "close"),
                        constantUsersPerSec(plan.rate()).during(plan.seconds()).randomized()));
    }
}
