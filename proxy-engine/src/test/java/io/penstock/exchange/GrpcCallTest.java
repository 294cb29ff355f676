package io.penstock.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.config.PathMatch;
import io.penstock.config.RouteConfig;
import io.penstock.config.RouteMatch;
import io.penstock.config.RouteTimeouts;
import io.penstock.metrics.Reason;
import io.penstock.transport.FakeChannel;
import io.penstock.worker.WorkerHarness;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Refusals in gRPC's words, and the deadlines of its callers. */
final class GrpcCallTest {
    private WorkerHarness worker = new WorkerHarness();

    @AfterEach
    void nothingIsLeft() {
        assertThat(worker.exchanges().running()).isZero();
        worker.close();
    }

    private void serve(RouteConfig.Builder route) {
        worker = WorkerHarness.with(route, "10.0.0.1:80");
    }

    private static RouteConfig.Builder at(String prefix) {
        return WorkerHarness.route().matches(RouteMatch.of(PathMatch.prefix(prefix)));
    }

    private static String call(String path, String more) {
        return "POST " + path + " HTTP/1.1\r\nHost: a\r\nContent-Type: application/grpc+proto\r\nContent-Length: 0\r\n"
                + more + "\r\n";
    }

    @Test
    void aRefusalIsAStatusOfGrpcInAHeadAlone() {
        serve(at("/orders"));

        String answer = worker.client(call("/carts.Carts/Get", "")).sent();

        assertThat(answer)
                .startsWith("HTTP/1.1 200 OK\r\n")
                .contains("Content-Type: application/grpc\r\n")
                .contains("grpc-status: 12\r\n")
                .contains("grpc-message: no-route: ")
                .contains("X-Penstock-Reason: no-route\r\n")
                .contains("X-Request-Id: ")
                .endsWith("\r\n\r\n");
        assertThat(worker.count(Reason.NO_ROUTE)).isEqualTo(1);
    }

    @Test
    void otherClientsAreAnsweredAsEver() {
        serve(at("/orders"));

        String answer = worker.client(call("/carts.Carts/Get", "").replace("grpc+proto", "grpc-web"))
                .sent();

        assertThat(answer).startsWith("HTTP/1.1 404 Not Found\r\n").doesNotContain("grpc-status");
    }

    @ParameterizedTest
    @CsvSource({
        "400, 13", "401, 16", "403, 7", "404, 12", "405, 12", "408, 4", "413, 8", "429, 8", "431, 8", "499, 1",
        "500, 13", "502, 14", "503, 14", "504, 4", "418, 2",
    })
    void statusesHaveTheirCounterpart(int http, int grpc) {
        assertThat(GrpcAnswer.statusOf(http)).isEqualTo(grpc);
    }

    @Test
    void theCallersDeadlineEndsTheCall() {
        serve(at("/"));
        FakeChannel client = worker.client(call("/s/m", "grpc-timeout: 250m\r\n"));

        worker.advance(Duration.ofMillis(200));
        assertThat(client.sent()).isEmpty();
        worker.advance(Duration.ofMillis(100));

        assertThat(client.sent())
                .startsWith("HTTP/1.1 200 OK\r\n")
                .contains("grpc-status: 4\r\n")
                .contains("grpc-message: total-timeout: ");
        assertThat(worker.count(Reason.TOTAL_TIMEOUT)).isEqualTo(1);
    }

    @Test
    void theRoutesDeadlineHoldsForThoseWhoWaitLonger() {
        serve(at("/").timeouts(new RouteTimeouts(Optional.of(Duration.ofMillis(100)))));
        FakeChannel client = worker.client(call("/s/m", "grpc-timeout: 1H\r\n"));

        worker.advance(Duration.ofMillis(150));

        assertThat(client.sent()).contains("grpc-status: 4\r\n");
    }
}
