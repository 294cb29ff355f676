package io.penstock.route;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.penstock.config.Cidr;
import io.penstock.config.FieldMatch;
import io.penstock.config.PathMatch;
import io.penstock.config.RouteMatch;
import io.penstock.route.RouteCandidate.Result;
import io.penstock.route.RouteExplanation.Outcome;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class RouteExplanationTest {
    private final RouteTableWriter writer = new RouteTableWriter();
    private int nextId = 1;

    private void put(String name, RouteMatch match) {
        put(name, ListenerSet.ALL, match);
    }

    private void put(String name, ListenerSet listeners, RouteMatch match) {
        writer.put(new RouteEntry(nextId++, name, 0, listeners, List.of(match)));
    }

    private RouteExplanation explain(FakeQuery query) {
        return writer.publish().explain(query);
    }

    private static RouteMatch orders(List<String> methods, List<FieldMatch> headers, List<FieldMatch> query) {
        return new RouteMatch(List.of("shop.example"), PathMatch.prefix("/orders"), methods, headers, query, List.of());
    }

    @Test
    void namesTheWinnerAndEachLoserInTheirOrder() {
        put("orders", orders(List.of(), List.of(), List.of()));
        put("orders-beta", orders(List.of(), List.of(FieldMatch.exact("X-Beta", "2")), List.of()));
        put("all", RouteMatch.of(PathMatch.prefix("/")));

        RouteExplanation explained =
                explain(FakeQuery.get("shop.example", "/orders/7").header("x-beta", "1"));

        assertThat(explained.outcome()).isEqualTo(Outcome.MATCH);
        assertThat(explained.winner()).contains("orders");
        assertThat(explained.considered())
                .extracting(RouteCandidate::route, RouteCandidate::result, RouteCandidate::because)
                .containsExactly(
                        tuple("orders-beta", Result.FAILED, "header x-beta: want 2, got 1"),
                        tuple("orders", Result.MATCH, ""),
                        tuple("all", Result.OUTRANKED, "fits, but orders comes first: it is more specific"));
        assertThat(explained.considered().get(1).specificity()).containsExactly(12, 0, 1, 0, 0, 0, 0, 0, 0);
    }

    @Test
    void saysWhatEachConditionWantedAndGot() {
        RouteMatch sources = new RouteMatch(
                List.of("shop.example"),
                PathMatch.prefix("/orders"),
                List.of(),
                List.of(),
                List.of(),
                List.of(Cidr.parse("10.0.0.0/8"), Cidr.parse("2001:db8::/32")));
        put("methods", orders(List.of("GET", "POST"), List.of(), List.of()));
        put("query", orders(List.of(), List.of(), List.of(FieldMatch.regex("page", "[0-9]+"))));
        put("absent", orders(List.of(), List.of(FieldMatch.absent("x-a")), List.of(FieldMatch.present("q"))));
        put("sources", sources);
        put("listener", ListenerSet.of(List.of(4)), orders(List.of(), List.of(), List.of()));
        put("regex", RouteMatch.of("shop.example", PathMatch.regex("/orders/[0-9]+")));

        RouteExplanation explained = explain(FakeQuery.of("PUT", "shop.example", "/orders/x?page=%32a")
                .header("x-a", "1")
                .from(192, 0, 2, 7)
                .listener(3));

        assertThat(explained.outcome()).isEqualTo(Outcome.METHOD_NOT_ALLOWED);
        assertThat(explained.allow()).containsExactly("GET", "POST");
        assertThat(explained.considered())
                .extracting(RouteCandidate::route, RouteCandidate::because)
                .containsExactly(
                        tuple("regex", "path: regex /orders/[0-9]+ does not match /orders/x"),
                        tuple("methods", "method: want GET or POST, got PUT"),
                        tuple("absent", "header x-a: want none, got 1"),
                        tuple("query", "query parameter page: want a match of [0-9]+, got 2a"),
                        tuple("sources", "source: want 10.0.0.0/8 or 2001:db8::/32, got 192.0.2.7"),
                        tuple("listener", "listener: want 4, got 3"));
    }

    @Test
    void namesTheNearestMissesOfANotFound() {
        put("orders", RouteMatch.of("shop.example", PathMatch.prefix("/orders")));
        put("users", RouteMatch.of("shop.example", PathMatch.template("/users/{id}/mail")));
        put("order", RouteMatch.of("api.example", PathMatch.exact("/order")));

        RouteExplanation explained = explain(FakeQuery.get("shop.example", "/order"));

        assertThat(explained.outcome()).isEqualTo(Outcome.NOT_FOUND);
        assertThat(explained.winner()).isEmpty();
        assertThat(explained.considered())
                .extracting(RouteCandidate::route, RouteCandidate::because)
                .containsExactly(
                        tuple("orders", "path: prefix /orders does not cover /order"),
                        tuple("users", "path: template /users/{id}/mail does not fit /order"),
                        tuple("order", "host: want api.example, got shop.example"));
    }

    @Test
    void givesTheParametersOfTheWinner() {
        put("r", RouteMatch.of(PathMatch.template("/users/{id}/{rest...}")));

        assertThat(explain(FakeQuery.get("h", "/users/7/a/b")).parameters())
                .containsExactly(Map.entry("id", "7"), Map.entry("rest", "a/b"));
    }

    @Test
    void keepsTheNearestOfVeryManyAndSaysHowManyItLeftOut() {
        for (int i = 0; i < 300; i++) {
            put("r" + i, orders(List.of("GET"), List.of(FieldMatch.exact("x-tenant", "t" + i)), List.of()));
        }
        put("near", orders(List.of("GET"), List.of(), List.of(FieldMatch.exact("q", "1"))));

        RouteExplanation explained = explain(FakeQuery.get("shop.example", "/orders"));

        assertThat(explained.considered()).hasSize(RouteExplainer.CONSIDERED_MAX);
        assertThat(explained.leftOut()).isEqualTo(301 - RouteExplainer.CONSIDERED_MAX);
        assertThat(explained.considered().getLast().route()).isEqualTo("near");
    }
}
