package io.penstock.route;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.config.PathMatch;
import io.penstock.config.RouteMatch;
import java.util.List;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A million routes: memory, and that each is found. With {@code -Plong}, at a heap of 6 GiB. */
@Tag("long")
final class MillionRoutesTest {
    private static final int ROUTES = 1_000_000;
    private static final int BYTES_PER_ROUTE_MAX = 200;

    @Test
    void fitUnderOneHost() {
        check("under one host", i -> RouteMatch.of("api.shop.example", PathMatch.prefix("/tenants/t" + i + "/orders")));
    }

    @Test
    void fitUnderAHostEach() {
        check("a host each", i -> RouteMatch.of("tenant-" + i + ".shop.example", PathMatch.prefix("/")));
    }

    @Test
    void fitWithATemplateAndMethodsEach() {
        check(
                "a template and methods each",
                i -> new RouteMatch(
                        List.of("s" + i % 1000 + ".shop.example"),
                        PathMatch.template("/v1/tenants/t" + i + "/users/{id}"),
                        List.of("GET", "POST"),
                        List.of(),
                        List.of(),
                        List.of()));
    }

    private static void check(String what, IntFunction<RouteMatch> match) {
        RouteTableWriter writer = new RouteTableWriter();
        for (int i = 0; i < ROUTES; i++) {
            writer.put(new RouteEntry(i, "route-" + i, 0, ListenerSet.ALL, List.of(match.apply(i))));
        }
        RouteTable table = writer.publish();

        long bytesPerRoute = writer.offHeapBytes() / ROUTES;
        System.out.println("1 000 000 routes, " + what + ": " + bytesPerRoute + " bytes per route off the heap");
        assertThat(bytesPerRoute).isLessThanOrEqualTo(BYTES_PER_ROUTE_MAX);
        RouteLookup lookup = new RouteLookup();
        for (int i = 0; i < ROUTES; i += 7) {
            RouteMatch wanted = match.apply(i);
            String path = wanted.path().value().replace("{id}", "77");
            assertThat(lookup.find(table, FakeQuery.get(wanted.hosts().getFirst(), path)))
                    .isEqualTo(i);
        }
        editsStayFlat(writer, table, match);
    }

    private static void editsStayFlat(RouteTableWriter writer, RouteTable first, IntFunction<RouteMatch> match) {
        long before = writer.offHeapBytes();
        RouteTable table = first;
        for (int i = 0; i < 10_000; i++) {
            writer.put(new RouteEntry(i, "route-" + i, 1 + i, ListenerSet.ALL, List.of(match.apply(i))));
            table = writer.publish();
            writer.retireBelow(table.version());
        }
        assertThat(writer.offHeapBytes() - before).isLessThan(4 << 20);
        assertThat(table.routeCount()).isEqualTo(ROUTES);
    }
}
