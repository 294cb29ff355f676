package io.penstock.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.config.PathEdit;
import io.penstock.config.PathMatch;
import io.penstock.config.QueryEdits;
import io.penstock.config.RedirectConfig;
import io.penstock.config.RouteConfig;
import io.penstock.config.RouteMatch;
import io.penstock.worker.WorkerHarness;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Redirects to places that requests name in part. */
final class RedirectTemplateTest {
    private final WorkerHarness worker = new WorkerHarness();

    @AfterEach
    void nothingIsLeft() {
        assertThat(worker.exchanges().running()).isZero();
        worker.close();
    }

    private void redirect(
            String path, Optional<String> host, Optional<PathEdit> edit, boolean keepQuery, QueryEdits query) {
        worker.publish(
                WorkerHarness.listener().build(),
                RouteConfig.named("moved")
                        .matches(RouteMatch.of(PathMatch.template(path)))
                        .redirect(new RedirectConfig(
                                307, Optional.of("https"), host, Optional.empty(), edit, keepQuery, query))
                        .build());
    }

    private String get(String target, String fields) {
        return worker.client("GET " + target + " HTTP/1.1\r\nHost: old.example\r\n" + fields + "\r\n")
                .sent();
    }

    private static QueryEdits edits() {
        return new QueryEdits(
                Map.of("q", "query"), List.of("debug"), Map.of("from", "{host}{path}"), Map.of("by", "{header.X-By}"));
    }

    @Test
    void putsValuesOfTheRequestIntoHostPathAndQuery() {
        redirect(
                "/shops/{shop}/{rest...}",
                Optional.of("{path.shop}.shop.example"),
                Optional.of(PathEdit.to("/{header.X-Region}/{rest}")),
                true,
                edits());

        assertThat(get("/shops/blue/a/b%20c?q=1&debug=2&r=%2F", "X-Region: eu & us\r\nX-By: a&b=c#d\r\n"))
                .contains("Location: https://blue.shop.example/eu%20%26%20us/a/b%20c?query=1&r=%2F"
                        + "&from=old.example%2Fshops%2Fblue%2Fa%2Fb%2520c&by=a%26b%3Dc%23d\r\n");
    }

    @Test
    void aQueryThatIsNotKeptIsMadeAnew() {
        redirect("/x", Optional.empty(), Optional.of(PathEdit.to("/y")), false, edits());

        assertThat(get("/x?q=1&secret=2", "X-By: me\r\n"))
                .contains("Location: https://old.example/y?from=old.example%2Fx&by=me\r\n");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "evil.example%2F",
                "evil.example%23",
                "evil.example%40x",
                "evil.example%3A80",
                "a%0D%0ASet-Cookie%3A%20a%3Db",
                "-a",
                "a..b",
                "a-",
                "%C3%BC"
            })
    void whatIsNoPartOfAHostIsRefused(String shop) {
        redirect("/shops", Optional.of("{query.shop}.shop.example"), Optional.empty(), true, QueryEdits.DEFAULTS);

        assertThat(get("/shops?shop=" + shop, ""))
                .startsWith("HTTP/1.1 400 ")
                .contains("X-Penstock-Reason: template-refused\r\n")
                .doesNotContain("Location");
    }

    @Test
    void aHostIsNeverEmptyOrTooLong() {
        redirect("/shops", Optional.of("{query.shop}.shop.example"), Optional.empty(), true, QueryEdits.DEFAULTS);

        assertThat(get("/shops", "")).startsWith("HTTP/1.1 400 ");
        assertThat(get("/shops?shop=" + "a".repeat(254), "")).startsWith("HTTP/1.1 400 ");
        assertThat(get("/shops?shop=a.b", "")).contains("Location: https://a.b.shop.example/shops?shop=a.b\r\n");
    }

    @Test
    void aPathNeverLeavesItsSegment() {
        redirect("/x", Optional.empty(), Optional.of(PathEdit.to("/{query.to}/y")), false, QueryEdits.DEFAULTS);

        assertThat(get("/x?to=..", "")).startsWith("HTTP/1.1 400 ");
        assertThat(get("/x?to=%2Fevil.example", "")).startsWith("HTTP/1.1 400 ");
        assertThat(get("/x?to=%0D%0AA:b", "")).startsWith("HTTP/1.1 400 ");
        assertThat(get("/x?to=a%3Fb%23c", "")).contains("Location: https://old.example/a%3Fb%23c/y\r\n");
    }
}
