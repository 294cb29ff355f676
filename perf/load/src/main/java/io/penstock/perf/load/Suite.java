package io.penstock.perf.load;

import static io.gatling.javaapi.core.CoreDsl.constantUsersPerSec;
import static io.gatling.javaapi.core.CoreDsl.details;
import static io.gatling.javaapi.core.CoreDsl.scenario;
import static io.gatling.javaapi.http.HttpDsl.http;
import static io.gatling.javaapi.http.HttpDsl.status;

import io.gatling.javaapi.core.Assertion;
import io.gatling.javaapi.core.OpenInjectionStep;
import io.gatling.javaapi.core.PopulationBuilder;
import io.gatling.javaapi.core.Simulation;
import io.gatling.javaapi.http.HttpProtocolBuilder;
import io.gatling.javaapi.http.HttpRequestActionBuilder;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What the suites share: the names of requests, the open model, the gates, and the gateway's set-up.
 *
 * <p>Names tell what counts. {@code proxied ...} goes through the gateway and has gates; {@code direct ...} asks the upstream
 * itself, so that the difference is what the gateway adds; {@code warm-up} counts for nothing.
 *
 * <p>Every user makes one request and goes: arrivals do not wait for answers, so that a stall of the gateway meets all that
 * arrive during it (no coordinated omission).
 */
abstract class Suite extends Simulation {
    static final String PROXIED = "proxied";
    static final String DIRECT = "direct";

    /** The service that a suite's routes lead to, and one that no gateway knows. */
    static final String SERVICE = "load-origin";

    static final String NO_SERVICE = "load-nowhere";

    final Plan plan = Plan.read();
    final Facts facts = new Facts();
    private final List<Assertion> gates = new ArrayList<>();
    private final Optional<Box> box = plan.admin().map(admin -> new Box(admin, plan.token()));

    /** What this suite wants on the gateway, besides the upstream, the service and the route that all have. */
    void setUpBox(Box gateway) {}

    /** What this suite found out by itself, once the load is over. */
    void tell(Facts found) {}

    @Override
    public final void before() {
        box.ifPresent(gateway -> {
            try {
                setUpBoth(gateway);
            } catch (RuntimeException failed) {
                // There will be no after().
                gateway.clear();
                throw failed;
            }
        });
    }

    private void setUpBoth(Box gateway) {
        String address = URI.create(plan.direct().orElseThrow()).getAuthority();
        gateway.put(List.of(
                new Box.Resource("/upstreams/load-origin", "{\"targets\":[{\"address\":\"" + address + "\"}]}"),
                new Box.Resource("/services/" + SERVICE, "{\"upstream\":\"load-origin\"}"),
                route("all", "", "")));
        setUpBox(gateway);
    }

    @Override
    public final void after() {
        tell(facts);
        facts.write(plan.facts());
        box.ifPresent(Box::clear);
    }

    /** The admin API, for a suite that is nothing without it. */
    final Box gateway() {
        return box.orElseThrow(() -> new IllegalArgumentException(getClass().getSimpleName() + " needs --admin"));
    }

    /** A route {@code load-NAME} below {@code /load}, to the upstream; {@code more} are further members, with a comma each. */
    static Box.Resource route(String name, String below, String more) {
        return route(name, SERVICE, below, more);
    }

    static Box.Resource route(String name, String service, String below, String more) {
        return new Box.Resource(
                "/routes/load-" + name,
                "{\"service\":\"" + service + "\",\"matches\":[{\"path\":{\"type\":\"prefix\",\"value\":\"/load" + below
                        + "\"}}]" + more + "}");
    }

    /** Through the gateway; {@code below} counts only where the suite made the routes. */
    final String proxiedUrl(String below) {
        return plan.url() + (box.isEmpty() ? plan.path() : "/load" + below);
    }

    /** The same by TLS. */
    final String secureUrl(String below) {
        return plan.secureUrl().orElseThrow(() -> new IllegalArgumentException("no --secure-url"))
                + (box.isEmpty() ? plan.path() : "/load" + below);
    }

    final HttpRequestActionBuilder get(String name, String url, Integer... accepted) {
        return http(name).get(url).check(accepted.length == 0 ? status().is(200) : status().in(accepted));
    }

    /** Users who come at these rates, whatever becomes of those before them, and ask once. */
    final PopulationBuilder open(String name, HttpRequestActionBuilder request, OpenInjectionStep... arrivals) {
        return scenario(name).exec(request).injectOpen(arrivals);
    }

    /** The pairs of one path, at the same time: what disturbs one disturbs the other. */
    final List<PopulationBuilder> pair(String what, String below, double rate) {
        List<PopulationBuilder> both = new ArrayList<>();
        OpenInjectionStep arrivals =
                constantUsersPerSec(rate).during(plan.seconds()).randomized();
        both.add(open(name(PROXIED, what), get(name(PROXIED, what), proxiedUrl(below)), arrivals));
        directUrl(below).forEach(url -> both.add(open(name(DIRECT, what), get(name(DIRECT, what), url), arrivals)));
        return both;
    }

    /** The upstream itself, if it is known. */
    final List<String> directUrl(String below) {
        return plan.direct().map(url -> url + (box.isEmpty() ? plan.path() : "/load" + below)).stream()
                .toList();
    }

    /** Traffic that counts for nothing; scenarios need names of their own, hence the suffix. */
    final PopulationBuilder warmUp(String below, String suffix) {
        return open(
                "warm-up" + suffix,
                get("warm-up", proxiedUrl(below), 200, 429),
                constantUsersPerSec(plan.rate()).during(plan.warmSeconds()));
    }

    static String name(String leg, String what) {
        return what.isEmpty() ? leg : leg + " " + what;
    }

    final void gateErrors(String name) {
        gates.add(details(name).failedRequests().percent().lte(plan.errorPercentMax()));
    }

    final void gateP99(String name, int msMax) {
        gates.add(details(name).responseTime().percentile(99).lte(msMax));
    }

    /** The usual gates on what went through the gateway. */
    final void gate(String what) {
        gateErrors(name(PROXIED, what));
        gateP99(name(PROXIED, what), plan.p99MsMax());
    }

    /** Connections are kept and shared by all users, as a client library or a proxy before us does it. */
    final void run(PopulationBuilder... populations) {
        run(http.shareConnections(), populations);
    }

    final void run(HttpProtocolBuilder protocol, PopulationBuilder... populations) {
        setUp(populations)
                .protocols(protocol.disableWarmUp()
                        .disableFollowRedirect()
                        .disableAutoReferer()
                        .disableCaching())
                .assertions(gates);
    }

    /** The first, and when its last user has gone the next one. */
    static PopulationBuilder inTurn(List<PopulationBuilder> turns) {
        PopulationBuilder chain = turns.getLast();
        for (PopulationBuilder each : turns.reversed().subList(1, turns.size())) {
            chain = each.andThen(chain);
        }
        return chain;
    }

    static PopulationBuilder[] array(List<PopulationBuilder> populations) {
        return populations.toArray(PopulationBuilder[]::new);
    }
}
