package io.penstock.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.config.Cidr;
import io.penstock.config.CorsConfig;
import io.penstock.config.Defaults;
import io.penstock.config.ErrorPageConfig;
import io.penstock.config.LimitConfig;
import io.penstock.config.MaintenanceConfig;
import io.penstock.config.Rate;
import io.penstock.config.ServiceConfig;
import io.penstock.config.Setting;
import io.penstock.metrics.Reason;
import io.penstock.transport.CloseCause;
import io.penstock.worker.WorkerHarness;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Routes in maintenance: who is refused, how, and what takes it away. */
final class MaintenanceTest {
    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    private static final Setting<MaintenanceConfig> ON = Setting.of(MaintenanceConfig.DEFAULTS);

    private WorkerHarness worker = new WorkerHarness();

    @BeforeEach
    void serve() {
        worker = WorkerHarness.with(WorkerHarness.route(), "10.0.0.1:80");
    }

    @AfterEach
    void nothingIsLeft() {
        assertThat(worker.exchanges().running()).isZero();
        worker.close();
    }

    private String send(String method, String... fields) {
        StringBuilder head = new StringBuilder(method).append(" / HTTP/1.1\r\nHost: a\r\n");
        for (String field : fields) {
            head.append(field).append("\r\n");
        }
        return worker.client(head.append("\r\n").toString()).sent();
    }

    private void isServed() {
        int before = worker.connects();
        send("GET");
        assertThat(worker.connects()).isEqualTo(before + 1);
        worker.endpoint().deliver(OK);
        worker.endpoint().fail(CloseCause.RESET);
    }

    @Test
    void refusesEverybodyWithAReasonOfItsOwn() {
        worker.publish(WorkerHarness.route().maintenance(ON).build());

        assertThat(send("GET"))
                .startsWith("HTTP/1.1 503 ")
                .contains("X-Penstock-Reason: maintenance\r\n")
                .doesNotContain("Retry-After");
        assertThat(worker.count(Reason.MAINTENANCE)).isEqualTo(1);
        assertThat(worker.connects()).isZero();

        worker.publish(WorkerHarness.route().build());
        isServed();
    }

    @Test
    void servesThoseThatAreExempt() {
        worker.publish(WorkerHarness.route()
                .maintenance(Setting.of(
                        new MaintenanceConfig(true, 503, Optional.empty(), List.of(Cidr.parse("192.0.2.0/24")))))
                .build());
        isServed();

        worker.publish(WorkerHarness.route()
                .maintenance(Setting.of(
                        new MaintenanceConfig(true, 503, Optional.empty(), List.of(Cidr.parse("10.0.0.0/8")))))
                .build());
        assertThat(send("GET")).startsWith("HTTP/1.1 503 ");
    }

    @Test
    void tellsWhenToTryAgainAndAStatusOfChoiceOnAPageOfItsOwn() {
        worker.publish(
                ErrorPageConfig.named("work")
                        .covers("reason:maintenance")
                        .html("back soon ({status} {title})")
                        .build(),
                WorkerHarness.route()
                        .errorPages(Setting.of(List.of("work")))
                        .maintenance(Setting.of(
                                new MaintenanceConfig(true, 500, Optional.of(Duration.ofMinutes(10)), List.of())))
                        .build());

        assertThat(send("GET", "Accept: text/html"))
                .startsWith("HTTP/1.1 500 ")
                .contains("Retry-After: 600\r\n", "X-Penstock-Reason: maintenance\r\n")
                .endsWith("\r\n\r\nback soon (500 Internal Server Error)");
    }

    @Test
    void takesNoPermitsAndLetsPagesOfOtherOriginsReadTheRefusal() {
        worker.publish(
                LimitConfig.named("one", Rate.parse("1/h")).burst(1).build(),
                WorkerHarness.route()
                        .limits("one")
                        .cors(Setting.of(CorsConfig.of("https://a.example")))
                        .maintenance(ON)
                        .build());

        assertThat(send("OPTIONS", "Origin: https://a.example", "Access-Control-Request-Method: GET"))
                .startsWith("HTTP/1.1 204 ");
        for (int i = 0; i < 3; i++) {
            assertThat(send("GET", "Origin: https://a.example"))
                    .startsWith("HTTP/1.1 503 ")
                    .contains("Access-Control-Allow-Origin: https://a.example\r\n");
        }
        worker.publish(WorkerHarness.route().limits("one").build());
        isServed();
    }

    @Test
    void isSwitchedOnForAServiceOrForAllAndOffForARoute() {
        worker.publish(ServiceConfig.named("backend", "backend").maintenance(ON).build());
        assertThat(send("GET")).startsWith("HTTP/1.1 503 ");

        worker.publish(ServiceConfig.named("backend", "backend").build());
        isServed();

        worker.publish(worker.config()
                .withDefaults(Defaults.DEFAULTS.toBuilder().maintenance(ON).build()));
        assertThat(send("GET")).startsWith("HTTP/1.1 503 ");

        worker.publish(WorkerHarness.route().maintenance(Setting.none()).build());
        isServed();

        worker.publish(WorkerHarness.route()
                .maintenance(Setting.of(new MaintenanceConfig(false, 503, Optional.empty(), List.of())))
                .build());
        isServed();
    }
}
