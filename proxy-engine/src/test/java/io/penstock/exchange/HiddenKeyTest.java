package io.penstock.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.config.AccessConfig;
import io.penstock.config.ApiKeyAuthConfig;
import io.penstock.config.ApiKeyCredentialConfig;
import io.penstock.config.Cidr;
import io.penstock.config.ConsumerConfig;
import io.penstock.config.PathMatch;
import io.penstock.config.RouteConfig;
import io.penstock.config.RouteMatch;
import io.penstock.config.ServiceConfig;
import io.penstock.config.Setting;
import io.penstock.metrics.TrailEntry;
import io.penstock.worker.WorkerHarness;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Keys in queries are written down nowhere, whatever becomes of their requests. */
final class HiddenKeyTest {
    private static final String KEY = "a-key-that-nobody-guesses-0001";
    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

    private final WorkerHarness worker = new WorkerHarness();

    @BeforeEach
    void aRouteThatAsksForAKeyAndOthersThatDoNot() {
        worker.publish(worker.config()
                .with(WorkerHarness.listener().build())
                .with(WorkerHarness.upstream("10.0.0.1:80").build())
                .with(ServiceConfig.named("backend", "backend").build())
                .with(ConsumerConfig.named("acme")
                        .credentials(ApiKeyCredentialConfig.of(KEY))
                        .build())
                .with(route("keyed")
                        .auth(new ApiKeyAuthConfig(Optional.empty(), Optional.of("key"), Optional.empty(), false, true))
                        .build())
                .with(route("denied")
                        .access(Setting.of(new AccessConfig(List.of(Cidr.parse("10.0.0.0/8")), List.of())))
                        .auth(ApiKeyAuthConfig.inQuery("key"))
                        .build())
                .with(route("open").build()));
    }

    @AfterEach
    void nothingIsLeft() {
        worker.close();
    }

    private static RouteConfig.Builder route(String name) {
        return RouteConfig.named(name)
                .matches(RouteMatch.of(PathMatch.prefix("/" + name)))
                .service("backend");
    }

    private String written() {
        List<TrailEntry> records = worker.records();
        assertThat(records).isNotEmpty();
        return records.toString();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET /nowhere?a=1&key=" + KEY + " HTTP/1.1\r\nHost: a\r\n\r\n",
                "GET /denied?key=" + KEY + "&a=1 HTTP/1.1\r\nHost: a\r\n\r\n",
                "GET /denied?%6bey=" + KEY + "&a=1&key=" + KEY + " HTTP/1.1\r\nHost: a\r\n\r\n",
                "GET /keyed?key=" + KEY + "x&a=1 HTTP/1.1\r\nHost: a\r\n\r\n",
                "GET /keyed?key=" + KEY + "&a=1 HTTP/1.1\r\nHost: a\r\nBad Field: x\r\n\r\n",
                "GET /keyed?key=" + KEY + "&a=1 HTTP/1.1\r\n\r\n",
                "CONNECT /keyed?key=" + KEY + "&a=1 HTTP/1.1\r\nHost: a\r\n\r\n"
            })
    void alsoWhereTheRequestIsRefusedBeforeAnybodyLooksAtThem(String request) {
        assertThat(worker.client(request).sent()).startsWith("HTTP/1.1 4");

        assertThat(written()).doesNotContain(KEY);
    }

    @ParameterizedTest
    @ValueSource(strings = {"keyed", "open"})
    void alsoWhereTheyGoOnToTheUpstream(String route) {
        worker.client("GET /" + route + "?a=1&key=" + KEY + " HTTP/1.1\r\nHost: a\r\nReferer: http://a/x?key=" + KEY
                + "\r\n\r\n");
        assertThat(worker.endpoint().sent()).startsWith("GET /" + route + "?a=1&key=" + KEY + " HTTP/1.1\r\n");
        worker.endpoint().deliver(OK);

        assertThat(written()).doesNotContain(KEY).contains("a=1");
    }

    @Test
    void noLongerWhereNoEntryNamesThem() {
        worker.publish(worker.config()
                .with(route("keyed").build())
                .with(route("denied").build()));
        worker.client("GET /open?key=plain HTTP/1.1\r\nHost: a\r\n\r\n");
        worker.endpoint().deliver(OK);

        assertThat(written()).contains("key=plain");
    }
}
