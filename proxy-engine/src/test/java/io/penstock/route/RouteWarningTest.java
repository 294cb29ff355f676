package io.penstock.route;

import static io.penstock.route.RouteWarning.Code.SHADOWS;
import static io.penstock.route.RouteWarning.Code.UNREACHABLE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.penstock.config.Cidr;
import io.penstock.config.FieldMatch;
import io.penstock.config.PathMatch;
import io.penstock.config.RouteMatch;
import java.util.List;
import org.junit.jupiter.api.Test;

final class RouteWarningTest {
    private final RouteTableWriter writer = new RouteTableWriter();
    private int nextId = 1;

    private void put(String name, int priority, RouteMatch... matches) {
        writer.put(new RouteEntry(nextId++, name, priority, ListenerSet.ALL, List.of(matches)));
    }

    private static RouteMatch with(List<String> methods, List<FieldMatch> headers, String... sources) {
        return new RouteMatch(
                List.of("h"),
                PathMatch.prefix("/a"),
                methods,
                headers,
                List.of(),
                List.of(sources).stream().map(Cidr::parse).toList());
    }

    @Test
    void warnsOfARouteThatAnEquallySpecificOneTakesEverythingFrom() {
        put("first", 1, RouteMatch.of("h", PathMatch.prefix("/a")));
        put("second", 0, RouteMatch.of("h", PathMatch.prefix("/a/")));

        assertThat(writer.warnings("second"))
                .extracting(RouteWarning::code, RouteWarning::route, RouteWarning::other)
                .containsExactly(tuple(UNREACHABLE, "second", "first"));
        assertThat(writer.warnings("first"))
                .extracting(RouteWarning::code, RouteWarning::route, RouteWarning::other)
                .containsExactly(tuple(SHADOWS, "first", "second"));
        assertThat(writer.warnings("second").getFirst().detail())
                .isEqualTo("route \"second\": matches[0] is unreachable for host h: every request it fits goes to route"
                        + " \"first\", which comes first");
    }

    @Test
    void saysNothingOfRoutesThatOnlyOverlap() {
        put("plain", 0, with(List.of(), List.of()));
        put("get", 0, with(List.of("GET"), List.of()));
        put("post", 9, with(List.of("POST", "PUT"), List.of()));
        put("header", 0, with(List.of(), List.of(FieldMatch.exact("x", "1"))));
        put("other-header", 0, with(List.of(), List.of(FieldMatch.exact("x", "2"))));
        put("deeper", 0, RouteMatch.of("h", PathMatch.prefix("/a/b")));
        put("elsewhere", 0, RouteMatch.of("i", PathMatch.prefix("/a")));

        for (String name : List.of("plain", "get", "post", "header", "other-header", "deeper", "elsewhere")) {
            assertThat(writer.warnings(name)).isEmpty();
        }
    }

    @Test
    void seesThatOneConditionImpliesAnother() {
        put("wide", 5, with(List.of("GET", "POST"), List.of(FieldMatch.present("X")), "10.0.0.0/8"));
        put("narrow", 0, with(List.of("GET"), List.of(FieldMatch.exact("x", "1")), "10.0.0.0/8"));

        assertThat(writer.warnings("narrow"))
                .extracting(RouteWarning::code, RouteWarning::other)
                .containsExactly(tuple(UNREACHABLE, "wide"));
    }

    @Test
    void seesPrefixesUnderARegexThatTakesAnyRest() {
        put("regex", 0, RouteMatch.of("h", PathMatch.regex("/api/.*")));
        put("under", 0, RouteMatch.of("h", PathMatch.prefix("/api/v1")));
        put("same", 0, RouteMatch.of("h", PathMatch.prefix("/api")));
        put("tail", 0, RouteMatch.of("h", PathMatch.template("/api/{rest...}")));
        put("exact", 0, RouteMatch.of("h", PathMatch.exact("/api/v1")));

        assertThat(writer.warnings("under"))
                .extracting(RouteWarning::code, RouteWarning::other)
                .containsExactly(tuple(UNREACHABLE, "regex"));
        // It still serves /api itself.
        assertThat(writer.warnings("same")).isEmpty();
        assertThat(writer.warnings("exact")).isEmpty();
        assertThat(writer.warnings("regex"))
                .extracting(RouteWarning::code, RouteWarning::other)
                .containsExactlyInAnyOrder(tuple(SHADOWS, "under"), tuple(SHADOWS, "tail"));
    }

    @Test
    void knowsNothingOfARouteThatIsGone() {
        put("first", 1, RouteMatch.of("h", PathMatch.prefix("/a")));
        put("second", 0, RouteMatch.of("h", PathMatch.prefix("/a")));
        writer.remove("first");

        assertThat(writer.warnings("first")).isEmpty();
        assertThat(writer.warnings("second")).isEmpty();
    }
}
