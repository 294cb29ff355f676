package io.penstock.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.config.AllOfAuthConfig;
import io.penstock.config.AnonymousAuthConfig;
import io.penstock.config.ApiKeyAuthConfig;
import io.penstock.config.FieldMatch;
import io.penstock.config.PathMatch;
import io.penstock.config.ProxyConfig;
import io.penstock.config.RouteMatch;
import io.penstock.metrics.Counter;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Heads of requests that came are kept, and shown without credentials. */
final class RecordedHeadsTest {
    @TempDir
    private Path logs;

    private static ProxyConfig site() {
        return ProxyConfig.initial()
                .with(ConfigRig.web().build())
                .with(ConfigRig.fixed("shop", "/shop").build())
                .with(ConfigRig.fixed("beta", "/")
                        .matches(new RouteMatch(
                                List.of(),
                                PathMatch.prefix("/beta"),
                                List.of(),
                                List.of(FieldMatch.exact("X-Beta", "2")),
                                List.of(),
                                List.of()))
                        .build());
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 4})
    void keepsAHeadOfEachRouteAndOfWhatHasNone(int workers) throws Exception {
        try (ConfigRig rig = new ConfigRig(workers, logs)) {
            rig.publish(site());
            try (EngineClient client = rig.client()) {
                client.get("/shop/7?size=xl");
                client.get("/nowhere");
                client.ask("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n");
                client.send("/beta", "X-Beta: 2\r\n");
                client.response();
            }

            List<RecordedHead> heads = rig.engine().readings().heads(1000);
            assertThat(heads)
                    .extracting(RecordedHead::url)
                    .containsExactlyInAnyOrder("http://a/shop/7?size=***", "http://a/nowhere", "*", "http://a/beta");
            assertThat(heads).allSatisfy(head -> {
                assertThat(head.listener()).isEqualTo("web");
                assertThat(head.clientAddress()).isEqualTo("127.0.0.1");
            });
            assertThat(rig.engine().readings().metrics().value(Counter.HEADS_KEPT))
                    .isEqualTo(4);
            assertThat(rig.engine().readings().heads(2)).hasSize(2);
        }
    }

    @Test
    void whatIsKeptIsExplainedAsItWasServed() throws Exception {
        try (ConfigRig rig = new ConfigRig(1, logs)) {
            rig.publish(site());
            try (EngineClient client = rig.client()) {
                client.send("/beta", "X-Beta: 2\r\nConnection: X-Hop\r\nX-Hop: 1\r\n");
                assertThat(client.response()).contains("beta");
                client.ask("POST /shop HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nab");
            }
            for (RecordedHead head : rig.engine().readings().heads(10)) {
                Explanation found = rig.engine().readings().explain(head.toExplain());
                assertThat(found.routing().orElseThrow().winner())
                        .contains(head.method().equals("POST") ? "shop" : "beta");
            }
        }
    }

    @Test
    void showsNothingThatCouldBeACredential() throws Exception {
        try (ConfigRig rig = new ConfigRig(1, logs)) {
            rig.publish(site().with(ConfigRig.fixed("sized", "/sized")
                            .matches(new RouteMatch(
                                    List.of(),
                                    PathMatch.prefix("/sized"),
                                    List.of(),
                                    List.of(),
                                    List.of(FieldMatch.exact("size", "xl")),
                                    List.of()))
                            .build())
                    .with(ConfigRig.fixed("guarded", "/guarded")
                            .auth(
                                    new AllOfAuthConfig(
                                            List.of(
                                                    ApiKeyAuthConfig.inQuery("kurz"),
                                                    ApiKeyAuthConfig.inHeader("X-Beta")),
                                            true),
                                    new AnonymousAuthConfig())
                            .build()));
            try (EngineClient client = rig.client()) {
                client.ask("""
                        GET /shop/7;jsessionid=hush/8?k%75rz=hush&access_token=hush&size=xl&pw=hush&next=%2F%3Ftoken%3Dhush HTTP/1.1
                        Host: a
                        Authorization: Bearer hush
                        X-Strange: hush
                        X-Beta: hush
                        Cookie: a=hush; hush; b=hush
                        Referer: http://a/?key=hush
                        Accept: text/html
                        Signature: hush

                        """.replace("\n", "\r\n"));
            }

            RecordedHead head = rig.engine().readings().heads(1).getFirst();
            assertThat(head.toString()).doesNotContain("hush");
            assertThat(head.url())
                    .isEqualTo("http://a/shop/7;jsessionid=***/8?k%75rz=***&access_token=***&size=xl&pw=***&next=***");
            assertThat(head.headers())
                    .contains(
                            Map.entry("Accept", "text/html"),
                            Map.entry("Authorization", "***"),
                            Map.entry("X-Strange", "***"),
                            Map.entry("Cookie", "a=***; ***; b=***"));
        }
    }

    @Test
    void doesNotKeepAHeadThatIsTooLarge() throws Exception {
        try (ConfigRig rig = new ConfigRig(1, logs)) {
            rig.publish(site());
            try (EngineClient client = rig.client()) {
                client.send("/shop", "X-Large: " + "x".repeat(5000) + "\r\n");
                client.response();
            }

            assertThat(rig.engine().readings().heads(10)).isEmpty();
            assertThat(rig.engine().readings().metrics().value(Counter.HEADS_TOO_LARGE))
                    .isEqualTo(1);
        }
    }
}
