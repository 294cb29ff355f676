package io.penstock.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.config.AccessConfig;
import io.penstock.config.Cidr;
import io.penstock.config.ClientAddressConfig;
import io.penstock.config.ClientAddressSource;
import io.penstock.config.LimitConfig;
import io.penstock.config.Rate;
import io.penstock.config.ServiceConfig;
import io.penstock.config.Setting;
import io.penstock.metrics.Reason;
import io.penstock.metrics.SeriesCounter;
import io.penstock.spi.FilterPhase;
import io.penstock.transport.CloseCause;
import io.penstock.worker.FakeFilter;
import io.penstock.worker.WorkerHarness;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Access lists: who is asked for an address, and what is done before anything else of the route. */
final class AccessListTest {
    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    // The harness's clients come from 192.0.2.7.
    private static final List<String> NETWORK_OF_CLIENTS = List.of("192.0.2.0/24");

    private WorkerHarness worker = new WorkerHarness();

    @AfterEach
    void nothingIsLeft() {
        assertThat(worker.exchanges().running()).isZero();
        worker.close();
    }

    private static Setting<AccessConfig> access(List<String> allow, List<String> deny) {
        return Setting.of(new AccessConfig(
                allow.stream().map(Cidr::parse).toList(),
                deny.stream().map(Cidr::parse).toList()));
    }

    private String get(String... fields) {
        StringBuilder head = new StringBuilder("GET / HTTP/1.1\r\nHost: a\r\n");
        for (String field : fields) {
            head.append(field).append("\r\n");
        }
        return worker.client(head.append("\r\n").toString()).sent();
    }

    private void isServed(String... fields) {
        int before = worker.connects();
        get(fields);
        assertThat(worker.connects()).isEqualTo(before + 1);
        worker.endpoint().deliver(OK);
        worker.endpoint().fail(CloseCause.RESET);
    }

    private void isDenied(String... fields) {
        assertThat(get(fields))
                .startsWith("HTTP/1.1 403 Forbidden\r\n")
                .contains("X-Penstock-Reason: address-denied\r\n");
    }

    @Test
    void whoIsNotAllowedIsRefusedAndCounted() {
        worker = WorkerHarness.with(
                WorkerHarness.route().access(access(List.of("10.0.0.0/8"), List.of())), "10.0.0.1:80");

        isDenied();

        assertThat(worker.connects()).isZero();
        assertThat(worker.count(Reason.ADDRESS_DENIED)).isEqualTo(1);
        assertThat(worker.count(SeriesCounter.ROUTE_REFUSALS)).isEqualTo(1);
    }

    @Test
    void whoIsAllowedPassesAndWhoIsDeniedTooDoesNot() {
        worker = WorkerHarness.with(WorkerHarness.route().access(access(NETWORK_OF_CLIENTS, List.of())), "10.0.0.1:80");
        isServed();

        worker.publish(WorkerHarness.route()
                .access(access(List.of("192.0.2.7"), NETWORK_OF_CLIENTS))
                .build());

        isDenied();
    }

    @Test
    void theRefusalTellsNothingOfTheLists() {
        worker = WorkerHarness.with(
                WorkerHarness.route().access(access(List.of("10.0.0.0/8"), List.of())), "10.0.0.1:80");

        assertThat(get()).doesNotContain("10.0.0").doesNotContain("192.0.2");
    }

    @Test
    void comesBeforeLimitsAndAllOtherFilters() {
        FakeFilter early = new FakeFilter(FilterPhase.ACCESS);
        worker.publish(worker.config()
                .with(WorkerHarness.listener().build())
                .with(WorkerHarness.upstream("10.0.0.1:80").build())
                .with(ServiceConfig.named("backend", "backend").build())
                .with(LimitConfig.named("one", Rate.parse("1/h")).burst(1).build())
                .with(WorkerHarness.route()
                        .limits("one")
                        .filters(worker.filter("early", early))
                        .access(access(List.of(), NETWORK_OF_CLIENTS))
                        .build()));
        isDenied();
        isDenied();

        assertThat(early.requests()).isZero();
        worker.publish(WorkerHarness.route().limits("one").build());
        isServed();
    }

    @Test
    void asksForTheClientBehindTrustedPeersAndBelievesNobodyElse() {
        worker.publish(worker.config()
                .with(WorkerHarness.listener()
                        .clientAddress(new ClientAddressConfig(
                                ClientAddressSource.X_FORWARDED_FOR, List.of(Cidr.parse("192.0.2.7"))))
                        .build())
                .with(WorkerHarness.upstream("10.0.0.1:80").build())
                .with(ServiceConfig.named("backend", "backend").build())
                .with(WorkerHarness.route()
                        .access(access(List.of("203.0.113.9", "2001:db8::/32"), List.of()))
                        .build()));

        isServed("X-Forwarded-For: 203.0.113.9");
        isServed("X-Forwarded-For: 2001:db8::1");
        isServed("X-Forwarded-For: ::ffff:203.0.113.9");
        isServed("X-Forwarded-For: 198.51.100.1, 203.0.113.9");
        // What the client wrote itself stands before what the trusted peer saw.
        isDenied("X-Forwarded-For: 203.0.113.9, 198.51.100.1");
        isDenied("X-Forwarded-For: 203.0.113.9", "X-Forwarded-For: 198.51.100.1");
        isDenied("X-Forwarded-For: 203.0.113.9, unknown");
        isDenied("X-Forwarded-For: 203.0.113.9,");
        isDenied("X-Forwarded-For: 0313.0.113.9");
        isDenied("X-Forwarded-For: 203.0.113.9%00");
        isDenied("X-Forwarded-For: 203.0.113.9, 192.0.2.7:");
        isDenied("Forwarded: for=203.0.113.9");
        isDenied("X-Real-IP: 203.0.113.9");
        isDenied();
    }

    @Test
    void anUntrustedPeerMayClaimWhatItLikes() {
        worker.publish(worker.config()
                .with(WorkerHarness.listener()
                        .clientAddress(new ClientAddressConfig(
                                ClientAddressSource.X_FORWARDED_FOR, List.of(Cidr.parse("10.0.0.0/8"))))
                        .build())
                .with(WorkerHarness.upstream("10.0.0.1:80").build())
                .with(ServiceConfig.named("backend", "backend").build())
                .with(WorkerHarness.route()
                        .access(access(List.of("203.0.113.9"), List.of()))
                        .build()));

        isDenied("X-Forwarded-For: 203.0.113.9");
    }

    @Test
    void theNearestListsHoldAndNullTakesThemAway() {
        worker = WorkerHarness.with(WorkerHarness.route(), "10.0.0.1:80");
        worker.publish(ServiceConfig.named("backend", "backend")
                .access(access(List.of(), NETWORK_OF_CLIENTS))
                .build());
        isDenied();

        worker.publish(WorkerHarness.route()
                .access(access(NETWORK_OF_CLIENTS, List.of()))
                .build());
        isServed();

        worker.publish(WorkerHarness.route().access(Setting.none()).build());
        isServed();

        worker.publish(WorkerHarness.route().build());
        isDenied();
    }
}
