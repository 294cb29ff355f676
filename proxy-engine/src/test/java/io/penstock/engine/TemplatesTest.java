package io.penstock.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.config.ConfigValidator;
import io.penstock.config.FilterConfig;
import io.penstock.config.HeaderEdits;
import io.penstock.config.HeadersFilterConfig;
import io.penstock.config.PathEdit;
import io.penstock.config.PathMatch;
import io.penstock.config.ProxyConfig;
import io.penstock.config.QueryEdits;
import io.penstock.config.RespondConfig;
import io.penstock.config.RewriteFilterConfig;
import io.penstock.config.RouteConfig;
import io.penstock.config.RouteMatch;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Values of requests in edits and answers, with requests that try to break out of them. */
final class TemplatesTest {
    @TempDir
    private Path logs;

    private final Origins origins = new Origins();
    private final ProxyConfig base =
            origins.with(ProxyConfig.initial().with(ConfigRig.web().build()), "echo", exchange -> {
                StringBuilder seen = new StringBuilder(exchange.getRequestURI().toString());
                for (String name : List.of("X-A", "X-B", "X-C", "X-Injected", "X-New")) {
                    seen.append('|').append(exchange.getRequestHeaders().get(name));
                }
                Origins.answer(exchange, 200, seen.toString().getBytes(StandardCharsets.ISO_8859_1));
            });

    @AfterEach
    void nothingIsLeft() {
        origins.close();
    }

    private static RouteConfig.Builder route(FilterConfig... filters) {
        return RouteConfig.named("r")
                .matches(RouteMatch.of(PathMatch.template("/users/{id}")))
                .filters(filters);
    }

    private static String send(ConfigRig rig, String request) throws Exception {
        try (Peer peer = Peer.connect(
                rig.engine().readings().status().listeners().getFirst().address(), 20_000)) {
            peer.send(request.replace("\n", "\r\n"));
            String head = peer.readHead();
            int at = head.toLowerCase(Locale.ROOT).indexOf("content-length: ");
            int length = Integer.parseInt(head.substring(at + 16, head.indexOf('\r', at)));
            return head + peer.read(length);
        }
    }

    private static String lines(String... lines) {
        return String.join("\n", lines) + "\n\n";
    }

    private static String body(String response) {
        return response.substring(response.indexOf("\r\n\r\n") + 4);
    }

    private static HeadersFilterConfig request(Map<String, String> rename, Map<String, String> set) {
        return new HeadersFilterConfig(new HeaderEdits(rename, set, Map.of(), List.of()), HeaderEdits.DEFAULTS);
    }

    @Test
    void headersTakeValuesWhichNeverBecomeFields() throws Exception {
        try (ConfigRig rig = new ConfigRig(1, logs)) {
            rig.publish(base.with(route(request(
                            Map.of("X-Old", "X-New"),
                            Map.of(
                                    "X-A", "{path.id}-{query.q}-{cookie.c}-{route}",
                                    "X-B", "{header.X-In}",
                                    "X-C", "{header.X-None}")))
                    .service("echo")
                    .build()));

            assertThat(body(send(
                            rig,
                            lines(
                                    "GET /users/7?q=a%0d%0aX-Injected:%201 HTTP/1.1",
                                    "Host: a",
                                    "Cookie: c=x y",
                                    "X-In: v%0d%0aX-Injected: 2",
                                    "X-C: mine",
                                    "X-Old: 1",
                                    "X-Old: 2",
                                    "X-New: spoofed"))))
                    .isEqualTo("/users/7?q=a%0d%0aX-Injected:%201|[7-a%0D%0AX-Injected: 1-x y-r]"
                            + "|[v%0d%0aX-Injected: 2]|null|null|[1, 2]");
            assertThat(send(rig, "GET /users/7 HTTP/1.1\nHost: a\nX-In: " + "x".repeat(8193) + "\n\n"))
                    .startsWith("HTTP/1.1 400")
                    .contains("X-Penstock-Reason: template-refused");
        }
    }

    @Test
    void pathsTakeValuesAsOneSegment() throws Exception {
        try (ConfigRig rig = new ConfigRig(1, logs)) {
            RewriteFilterConfig rewrite =
                    new RewriteFilterConfig(Optional.of(PathEdit.to("/t/{header.X-Tenant}/u/{id}")), Optional.empty());
            rig.publish(base.with(route(rewrite).service("echo").build()));
            String request = "GET /users/7?q=1 HTTP/1.1\nHost: a\nX-Tenant: ";

            assertThat(body(send(rig, request + "acme\n\n"))).startsWith("/t/acme/u/7?q=1|");
            assertThat(body(send(rig, request + "a?b#c &d\n\n"))).startsWith("/t/a%3Fb%23c%20%26d/u/7?q=1|");
            for (String hostile : List.of("..", ".", "a/../b", "a\\b", "%2e%2e", "..;x", "")) {
                assertThat(send(rig, request + hostile + "\n\n"))
                        .as(hostile)
                        .startsWith("HTTP/1.1 400")
                        .contains("template-refused");
            }
        }
    }

    @Test
    void queriesTakeValuesAsOneParameter() throws Exception {
        try (ConfigRig rig = new ConfigRig(1, logs)) {
            RewriteFilterConfig rewrite = new RewriteFilterConfig(
                    Optional.empty(),
                    new QueryEdits(
                            Map.of("old name", "new"),
                            List.of("secret"),
                            Map.of("who", "{header.X-In}"),
                            Map.of("tag", "a b")),
                    Optional.empty());
            rig.publish(base.with(route(rewrite).service("echo").build()));

            assertThat(body(send(
                            rig,
                            "GET /users/7?x=%20&secret=1&old+name=%26&s%65cret=2&who=me&tag=1&new=spoofed"
                                    + " HTTP/1.1\nHost: a\nX-In: 1&admin=true#\n\n")))
                    .startsWith("/users/7?x=%20&new=%26&tag=1&who=1%26admin%3Dtrue%23&tag=a%20b|");
            assertThat(body(send(rig, "GET /users/7 HTTP/1.1\nHost: a\n\n"))).startsWith("/users/7?who=&tag=a%20b|");
        }
    }

    @Test
    void mocksAnswerWithValuesEscapedForTheirType() throws Exception {
        try (ConfigRig rig = new ConfigRig(1, logs)) {
            RespondConfig json = new RespondConfig(
                    200,
                    Optional.of("{\"id\": \"{path.id}\", \"q\": \"{query.q}\"}"),
                    "application/json",
                    Map.of("X-Route", "{route}"),
                    Optional.of(Duration.ofMillis(20)),
                    true);
            rig.publish(base.with(route().respond(json).build()));
            String hostile = "GET /users/%22,%22admin%22:%22?q=%3Cscript%3E%0a%ff HTTP/1.1\nHost: a\n\n";

            assertThat(send(rig, hostile))
                    .contains("X-Route: r\r\n")
                    .endsWith(
                            "{\"id\": \"\\\",\\\"admin\\\":\\\"\", \"q\": \"\\u003cscript\\u003e\\n\u00ef\u00bf\u00bd\"}");

            rig.publish(base.with(route().respond(new RespondConfig(
                            200,
                            Optional.of("<p class='{query.q}'>{path.id}</p>"),
                            "text/html",
                            Map.of(),
                            Optional.empty(),
                            true))
                    .build()));
            assertThat(body(send(rig, "GET /users/7?q=%27%3E%3Cb HTTP/1.1\nHost: a\n\n")))
                    .isEqualTo("<p class='&#39;&gt;&lt;b'>7</p>");
        }
    }

    @Test
    void unknownPlaceholdersAreToldWhereTheyStand() {
        ProxyConfig config = base.with(route(
                        request(Map.of(), Map.of("X-A", "{path.di}", "X-B", "{consumr}")),
                        new RewriteFilterConfig(Optional.of(PathEdit.to("/x/{path.none}")), Optional.empty()))
                .service("echo")
                .build());

        assertThat(ConfigValidator.validate(base, config))
                .extracting(problem -> problem.pointer() + " " + problem.code())
                .containsExactlyInAnyOrder(
                        "/filters/0/request/set/X-A unknown-reference",
                        "/filters/0/request/set/X-B unknown-reference",
                        "/filters/1/path/set unknown-reference");
    }
}
