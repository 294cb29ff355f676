package io.penstock.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.config.BackendGrantConfig;
import io.penstock.config.Cidr;
import io.penstock.config.ServiceConfig;
import io.penstock.config.UpstreamTlsConfig;
import io.penstock.spi.Answer;
import io.penstock.spi.FilterPhase;
import io.penstock.spi.Outbound;
import io.penstock.spi.Verdict;
import io.penstock.transport.CloseCause;
import io.penstock.transport.FakeChannel;
import io.penstock.worker.FakeFilter;
import io.penstock.worker.WorkerHarness;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Requests that filters make of their own: what goes out, what comes back, what is refused, and that nothing is left. */
final class OwnRequestsTest {
    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Key: 7\r\n\r\nok";

    private final WorkerHarness worker = new WorkerHarness();
    private final FakeFilter filter = new FakeFilter(FilterPhase.TRANSFORM)
            .onRequest(new Verdict.Answered(new Answer(200, List.of(), new byte[0])));
    private final List<String> heard = new ArrayList<>();
    private Outbound.AddressGrant grant = address -> true;
    private List<Map.Entry<String, String>> headers = List.of();
    private boolean isSecure;
    private String body = "";
    private int bytesMax = 100;

    @BeforeEach
    void aFilterThatKnowsItsWorker() {
        worker.dns("keys.example", "10.1.0.1", "10.1.0.2");
        worker.publish(worker.config()
                .with(WorkerHarness.listener().build())
                .with(WorkerHarness.upstream("10.0.0.1:80").build())
                .with(ServiceConfig.named("backend", "backend").build())
                .with(WorkerHarness.route().filters(worker.filter("f", filter)).build()));
        worker.client("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    }

    @AfterEach
    void nothingIsLeft() {
        worker.close();
    }

    private Outbound.Call send(String method, String host, String target) {
        Outbound.Request request = new Outbound.Request(
                method,
                isSecure ? Optional.of(UpstreamTlsConfig.usual()) : Optional.empty(),
                host,
                8080,
                target,
                headers,
                body.getBytes(StandardCharsets.UTF_8),
                Duration.ofSeconds(2).toNanos(),
                bytesMax,
                grant);
        Outbound.Call call = filter.worker().outbound().send(request, new Outbound.Listener() {
            @Override
            public void responded(Outbound.Response response) {
                heard.add(response.status() + " " + response.headers() + " "
                        + new String(response.body(), StandardCharsets.UTF_8));
            }

            @Override
            public void failed(String reason, String detail) {
                heard.add(reason);
            }
        });
        assertThat(heard).as("heard inside send").isEmpty();
        return call;
    }

    private Outbound.Call get() {
        Outbound.Call call = send("GET", "keys.example", "/jwks?x=1");
        worker.loop().run();
        return call;
    }

    @Test
    void goOutAsTheyAreAndSayNothingOfAClient() {
        headers = List.of(Map.entry("Accept", "application/json"));
        get();

        assertThat(worker.endpoint().sent())
                .isEqualTo("GET /jwks?x=1 HTTP/1.1\r\nHost: keys.example:8080\r\nAccept: application/json\r\n\r\n");
        worker.endpoint().deliver(OK);
        assertThat(heard).containsExactly("200 [X-Key=7] ok");
    }

    @Test
    void carryABody() {
        body = "{\"a\":1}";
        send("POST", "keys.example", "/introspect");
        worker.loop().run();

        assertThat(worker.endpoint().sent()).contains("Content-Length: 7\r\n").endsWith("\r\n\r\n{\"a\":1}");
        worker.endpoint().deliver("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n");
        assertThat(heard).containsExactly("200 [] hi");
    }

    @Test
    void useAConnectionAgain() {
        worker.dns("keys.example", "10.1.0.1");
        get();
        worker.endpoint().deliver(OK);
        heard.clear();
        int connects = worker.connects();
        get();
        worker.endpoint().deliver(OK);

        assertThat(worker.connects()).isEqualTo(connects);
        assertThat(heard).hasSize(1);
    }

    @Test
    void reachOnlyAddressesThatTheGrantAllows() {
        grant = address -> address[3] == 2;
        get();

        assertThat(worker.endpoint().remoteAddress().getAddress().getHostAddress())
                .isEqualTo("10.1.0.2");
        worker.endpoint().deliver(OK);
    }

    @Test
    void areRefusedWhereTheGrantAllowsNoAddressThoughAnotherFilterIsConnectedThere() {
        get();
        worker.endpoint().deliver(OK);
        heard.clear();
        int connects = worker.connects();
        grant = address -> false;
        get();

        assertThat(heard).containsExactly("endpoint-not-granted");
        assertThat(worker.connects()).isEqualTo(connects);
    }

    @Test
    void areAskedOfAgainWhenTheNameComesToMeanAnotherAddress() {
        grant = address -> address[0] == 10;
        worker.dns("keys.example", "10.1.0.1");
        get();
        worker.endpoint().deliver(OK);
        heard.clear();
        int connects = worker.connects();
        worker.dns("keys.example", "127.0.0.1");
        worker.advance(Duration.ofMinutes(2));
        get();

        assertThat(heard).containsExactly("endpoint-not-granted");
        assertThat(worker.connects()).isEqualTo(connects);
    }

    @Nested
    class WhereTheOperatorGrantsLittle {
        @BeforeEach
        void onlyOneNetwork() {
            worker.publish(BackendGrantConfig.named("office")
                    .addresses(Cidr.parse("10.2.0.0/16"))
                    .build());
        }

        @Test
        void areRefusedWhateverTheirOwnGrantSays() {
            get();

            assertThat(heard).containsExactly("endpoint-not-granted");
            assertThat(worker.connects()).isZero();
        }

        @Test
        void reachWhatIsCovered() {
            worker.dns("keys.example", "10.1.0.1", "10.2.0.1");
            worker.advance(Duration.ofMinutes(2));
            get();

            assertThat(worker.endpoint().remoteAddress().getAddress().getHostAddress())
                    .isEqualTo("10.2.0.1");
            worker.endpoint().deliver(OK);
        }
    }

    @Test
    void failWhereTheNameIsUnknown() {
        send("GET", "nowhere.example", "/");
        worker.loop().run();

        assertThat(heard).containsExactly("no-endpoint");
    }

    @Test
    void failInAWayToSpeakTlsThatTheConfigurationDoesNotName() {
        isSecure = true;
        get();

        assertThat(heard).containsExactly("upstream-tls-failed");
        assertThat(worker.connects()).isZero();
    }

    @Test
    void failWhereTheyWouldSplitTheRequest() {
        headers = List.of(Map.entry("X-A", "1\r\nX-B: 2"));
        get();
        assertThat(heard).containsExactly("bad-field");
        heard.clear();
        headers = List.of(Map.entry("Transfer-Encoding", "chunked"));
        get();
        assertThat(heard).containsExactly("bad-field");
        heard.clear();
        headers = List.of();
        send("GET", "keys.example", "/ HTTP/1.1\r\nX: y\r\n\r\nGET /");
        worker.loop().run();
        assertThat(heard).containsExactly("bad-field");
        assertThat(worker.connects()).isZero();
    }

    @Test
    void failInTime() {
        get();
        worker.endpoint();
        worker.advance(Duration.ofMillis(2100));

        assertThat(heard).containsExactly("total-timeout");
        assertThat(worker.endpoint().isAborted()).isTrue();
    }

    @Test
    void failWhereTheResponseIsTooLong() {
        bytesMax = 1;
        get();
        worker.endpoint().deliver(OK);
        assertThat(heard).containsExactly("response-body-too-large");
        heard.clear();
        get();
        worker.endpoint().deliver("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n");
        assertThat(heard).containsExactly("response-body-too-large");
    }

    @Test
    void tryAnotherAddressWhereOneCannotBeReached() {
        get();
        worker.loop().lastConnect().fail(CloseCause.CONNECT_REFUSED);
        worker.endpoint().deliver(OK);

        assertThat(heard).hasSize(1);
        assertThat(heard.getFirst()).startsWith("200 ");
    }

    @Test
    void failWithTheirConnection() {
        get();
        FakeChannel endpoint = worker.endpoint();
        endpoint.deliver("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nha");
        endpoint.fail(CloseCause.RESET);

        assertThat(heard).containsExactly("upstream-reset");
    }

    @Test
    void areGivenUpAtAnyTime() {
        Outbound.Call beforeItBegan = send("GET", "keys.example", "/");
        beforeItBegan.cancel();
        worker.loop().run();
        Outbound.Call whileConnecting = get();
        whileConnecting.cancel();
        Outbound.Call whileAnswered = get();
        worker.endpoint().deliver("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nha");
        whileAnswered.cancel();
        whileAnswered.cancel();
        worker.advance(Duration.ofSeconds(3));

        assertThat(heard).isEmpty();
        assertThat(worker.endpoint().isAborted()).isTrue();
    }

    @Test
    void areBoundedInNumber() {
        for (int i = 0; i <= OwnRequests.IN_FLIGHT_MAX; i++) {
            send("GET", "keys.example", "/" + i);
        }
        worker.loop().run();

        assertThat(heard).containsExactly("pool-pending-full");
    }

    @Test
    void areGivenUpWhenTheWorkerStops() {
        get();
        worker.endpoint();
        worker.close();
        worker.endpoint().deliver(OK);

        assertThat(heard).isEmpty();
    }
}
