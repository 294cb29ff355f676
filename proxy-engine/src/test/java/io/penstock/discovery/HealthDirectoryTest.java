package io.penstock.discovery;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.config.ActiveHealthConfig;
import io.penstock.config.HealthConfig;
import io.penstock.config.HttpCheckConfig;
import io.penstock.config.LatencyConfig;
import io.penstock.config.PassiveHealthConfig;
import io.penstock.config.ProxyConfig;
import io.penstock.config.RecordDefaults;
import io.penstock.config.ResourceType;
import io.penstock.config.Share;
import io.penstock.config.SuccessRateConfig;
import io.penstock.config.TargetConfig;
import io.penstock.config.UpstreamConfig;
import io.penstock.discovery.HealthView.State;
import io.penstock.metrics.Metrics;
import io.penstock.metrics.Sample;
import io.penstock.metrics.SeriesBounds;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

final class HealthDirectoryTest {
    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final Duration INTERVAL = Duration.ofSeconds(5);
    // Checks come up to a tenth late.
    private static final Duration ROUND = Duration.ofMillis(5_500);

    private final FakeControl control = new FakeControl();
    private final FakeCheck check = new FakeCheck();
    private final EndpointDirectory endpoints = new EndpointDirectory(
            new FakeDns(), control, this::endpointsChanged, new Metrics(1, new SeriesBounds(10, 10, 10, 10)), 7);
    private final HealthDirectory health = new HealthDirectory(check, control, this::tell, 7);
    private final Map<String, UpstreamHealth> told = new HashMap<>();
    private int tellings;
    private ProxyConfig config = ProxyConfig.initial();

    private void endpointsChanged(EndpointSet set) {
        health.followed(set).ifPresent(this::tell);
    }

    private void tell(UpstreamHealth known) {
        told.put(known.upstream(), known);
        tellings++;
    }

    private void publish(ProxyConfig next) {
        List<EndpointSet> sets = endpoints.follow(config, next);
        health.follow(config, next, sets).forEach(this::tell);
        config = next;
        control.run();
    }

    // Targets 10.0.0.1:1, 10.0.0.1:2 and so on.
    private void publish(HealthConfig wanted, int... ports) {
        publish(config.with(UpstreamConfig.named("a")
                .health(wanted)
                .targets(IntStream.of(ports)
                        .mapToObj(port -> TargetConfig.of("10.0.0.1:" + port))
                        .toArray(TargetConfig[]::new))
                .build()));
    }

    private static HealthConfig active() {
        return RecordDefaults.of(
                HealthConfig.class,
                Map.of("active", Optional.of(ActiveHealthConfig.of(RecordDefaults.of(HttpCheckConfig.class)))));
    }

    private static HealthConfig passive(Map<String, Object> members) {
        return RecordDefaults.of(
                HealthConfig.class,
                Map.of("passive", Optional.of(RecordDefaults.of(PassiveHealthConfig.class, members))));
    }

    private static HealthConfig with(HealthConfig health, Share panicBelow, Duration slowStart) {
        return new HealthConfig(health.active(), health.passive(), panicBelow, Optional.of(slowStart));
    }

    /** Ports that take no requests. */
    private Set<Integer> out() {
        Set<Integer> ports = new TreeSet<>();
        UpstreamHealth known = told.get("a");
        if (known != null) {
            for (EndpointHealth exception : known.exceptions()) {
                if (!exception.takesRequests()) {
                    ports.add(exception.address().getPort());
                }
            }
        }
        return ports;
    }

    private Set<Integer> warming() {
        Set<Integer> ports = new TreeSet<>();
        for (EndpointHealth exception : Objects.requireNonNull(told.get("a")).exceptions()) {
            if (exception.isWarming()) {
                ports.add(exception.address().getPort());
            }
        }
        return ports;
    }

    private HealthView view(int port) {
        return Objects.requireNonNull(health.views("a").get(new InetSocketAddress("10.0.0.1", port)));
    }

    private double metric(String name, String... labels) {
        List<Sample> samples = new ArrayList<>();
        health.samples().collect(samples::add);
        return samples.stream()
                .filter(sample -> sample.entry().name().equals(name)
                        && sample.labelValues().equals(List.of(labels)))
                .mapToDouble(Sample::value)
                .sum();
    }

    @Nested
    final class WhenEndpointsAreChecked {
        @Test
        void believesTheFirstAnswer() {
            check.answers(2, false);
            publish(active(), 1, 2, 3);

            assertThat(out()).containsExactly(2);
            assertThat(view(1).state()).isEqualTo(State.HEALTHY);
            assertThat(view(2).state()).isEqualTo(State.UNHEALTHY);
            assertThat(view(2).why()).contains("status 503");
        }

        @Test
        void usesUncheckedEndpointsWhileNoneIsKnownToBeHealthy() {
            check.isHolding = true;
            publish(active(), 1, 2);
            assertThat(out()).isEmpty();
            assertThat(view(1).state()).isEqualTo(State.UNCHECKED);
            assertThat(view(1).takesRequests()).isTrue();

            check.open.getFirst().complete(new HealthCheck.Answer(true, "status 200"));
            control.run();

            assertThat(out()).containsExactly(2);
        }

        @Test
        void changesItsMindOnlyAfterAsManyAnswersInARow() {
            publish(active(), 1, 2, 3);
            check.answers(1, false);
            control.advance(ROUND);
            control.advance(ROUND.minus(SECOND));
            assertThat(out()).isEmpty();
            control.advance(ROUND);
            assertThat(out()).containsExactly(1);

            check.answers(1, true);
            control.advance(INTERVAL);
            assertThat(out()).containsExactly(1);
            control.advance(ROUND.plus(SECOND));
            assertThat(out()).isEmpty();
        }

        @Test
        void forgetsBadAnswersAfterAGoodOne() {
            publish(active(), 1, 2, 3);
            for (int i = 0; i < 10; i++) {
                check.answers(1, i % 2 == 0);
                control.advance(INTERVAL);
            }

            assertThat(out()).isEmpty();
        }

        @Test
        void asksOnlySoManyAtOnce() {
            check.isHolding = true;
            publish(
                    active(),
                    IntStream.rangeClosed(1, 3 * HealthChecks.CHECKS_MAX).toArray());
            assertThat(check.asked).hasSize(HealthChecks.CHECKS_MAX);

            check.open.getFirst().complete(new HealthCheck.Answer(true, ""));
            control.run();

            assertThat(check.asked).hasSize(HealthChecks.CHECKS_MAX + 1);
        }

        @Test
        void asksEachEndpointOncePerInterval() {
            publish(active(), 1);
            control.advance(INTERVAL.multipliedBy(100));

            assertThat(check.asked).hasSizeBetween(90, 112);
        }

        @Test
        void keepsWhatItKnowsOverOtherRevisions() {
            check.answers(2, false);
            publish(active(), 1, 2, 3);
            int asked = check.asked.size();
            HealthView before = view(2);

            publish(config.with(UpstreamConfig.named("b")
                    .targets(TargetConfig.of("10.0.0.9:9"))
                    .build()));
            publish(active(), 2, 3, 4);

            assertThat(view(2)).isEqualTo(before);
            assertThat(check.asked).hasSize(asked + 1);
            assertThat(out()).containsExactly(2);
        }

        @Test
        void asksNoMoreOnceAnEndpointIsGone() {
            publish(active(), 1, 2);
            publish(active(), 1);
            check.asked.clear();
            control.advance(INTERVAL.multipliedBy(4));

            assertThat(check.asked)
                    .isNotEmpty()
                    .allSatisfy(
                            question -> assertThat(question.address().getPort()).isEqualTo(1));
        }

        @Test
        void asksNothingOfAddressesThatNoGrantCovers() {
            publish(config.without(ResourceType.BACKEND_GRANTS, "default-any"));
            publish(active(), 1, 2);

            assertThat(check.asked).isEmpty();
        }

        @Test
        void givesEverythingBackWhenChecksAreTakenOut() {
            check.answers(2, false);
            publish(active(), 1, 2, 3);
            publish(HealthConfig.DEFAULTS, 1, 2, 3);
            check.asked.clear();
            control.advance(INTERVAL.multipliedBy(4));

            assertThat(out()).isEmpty();
            assertThat(health.views("a")).isEmpty();
            assertThat(check.asked).isEmpty();
        }

        @Test
        void tellsWorkersOnlyOfChanges() {
            publish(active(), 1, 2);
            int before = tellings;
            control.advance(INTERVAL.multipliedBy(10));

            assertThat(tellings).isEqualTo(before);
        }

        @Test
        void countsChecksAndHealthyEndpoints() {
            check.answers(2, false);
            publish(active(), 1, 2, 3);

            assertThat(metric("penstock_health_checks_total", "good")).isEqualTo(2);
            assertThat(metric("penstock_health_checks_total", "bad")).isEqualTo(1);
            assertThat(metric("penstock_endpoint_healthy", "a", "10.0.0.1:1")).isEqualTo(1);
            assertThat(metric("penstock_endpoint_healthy", "a", "10.0.0.1:2")).isZero();
        }
    }

    @Nested
    final class WhenTooFewAreHealthy {
        @Test
        void usesAllBelowTheThresholdAndNotAtIt() {
            check.answers(1, false);
            check.answers(2, false);
            publish(active(), 1, 2, 3, 4);
            assertThat(health.isPanic("a")).isFalse();
            assertThat(out()).containsExactly(1, 2);

            check.answers(3, false);
            control.advance(ROUND.multipliedBy(3));

            assertThat(health.isPanic("a")).isTrue();
            assertThat(out()).isEmpty();
            assertThat(view(1).state()).isEqualTo(State.UNHEALTHY);
            assertThat(view(1).takesRequests()).isTrue();
            assertThat(metric("penstock_upstream_panics_total")).isEqualTo(1);
            assertThat(metric("penstock_upstream_panic", "a")).isEqualTo(1);
        }

        @Test
        void leavesAllOutWhereThereIsNoPanic() {
            check.answers(1, false);
            check.answers(2, false);
            publish(with(active(), Share.parse("0%"), SECOND), 1, 2);

            assertThat(out()).containsExactly(1, 2);
        }
    }

    private void report(int port, int successes, int failures) {
        report(port, successes, failures, 0);
    }

    // Failures behind successes, each success answered after so many milliseconds.
    private void report(int port, int successes, int failures, long millis) {
        health.reported(new OutcomeReport(
                "a",
                List.of(new OutcomeReport.Outcomes(
                        new InetSocketAddress("10.0.0.1", port),
                        successes,
                        failures,
                        successes == 0 ? failures : 0,
                        failures,
                        failures,
                        successes,
                        successes * millis * 1_000_000))));
        control.run();
    }

    @Nested
    final class WhenRequestsFail {
        @Test
        void ejectsAfterAsManyInARowWhicheverWorkerSawThem() {
            publish(passive(Map.of()), 1, 2, 3);
            report(1, 0, 2);
            report(1, 0, 2);
            assertThat(out()).isEmpty();
            report(1, 0, 1);

            assertThat(out()).containsExactly(1);
            assertThat(view(1).state()).isEqualTo(State.EJECTED);
            assertThat(view(1).why()).isEqualTo("5 requests in a row failed.");
            assertThat(metric("penstock_ejections_total", "consecutive-failures"))
                    .isEqualTo(1);
        }

        @Test
        void beginsAnewAfterASuccess() {
            publish(passive(Map.of()), 1, 2, 3);
            for (int i = 0; i < 10; i++) {
                report(1, 1, 4);
            }

            assertThat(out()).isEmpty();
        }

        @Test
        void letsItReturnAndEjectsItLongerEachTime() {
            publish(passive(Map.of()), 1, 2, 3);
            for (int seconds : new int[] {10, 20, 30}) {
                report(1, 0, 5);
                control.advance(Duration.ofSeconds(seconds).minusMillis(1));
                assertThat(out()).containsExactly(1);
                control.advance(Duration.ofMillis(1));
                assertThat(out()).isEmpty();
            }
        }

        @Test
        void forgetsEjectionsWithTime() {
            publish(passive(Map.of()), 1, 2, 3);
            report(1, 0, 5);
            control.advance(Duration.ofSeconds(10));
            control.advance(Duration.ofSeconds(10));
            report(1, 0, 5);
            control.advance(Duration.ofSeconds(10));

            assertThat(out()).isEmpty();
        }

        @Test
        void neverEjectsForLongerThanItsBound() {
            publish(passive(Map.of("ejectForMax", Duration.ofSeconds(15))), 1, 2, 3);
            for (int i = 0; i < 5; i++) {
                report(1, 0, 5);
                assertThat(out()).containsExactly(1);
                control.advance(Duration.ofSeconds(15));
                assertThat(out()).isEmpty();
            }
        }

        @Test
        void ejectsNoMoreThanItsShare() {
            publish(passive(Map.of()), 1, 2, 3, 4, 5);
            for (int port = 1; port <= 5; port++) {
                report(port, 0, 50);
            }

            assertThat(out()).containsExactly(1, 2);
            assertThat(metric("penstock_ejections_withheld_total", "consecutive-failures"))
                    .isEqualTo(3);
        }

        @Test
        void hearsNothingOfAnEjectedOne() {
            publish(passive(Map.of()), 1, 2, 3);
            report(1, 0, 5);
            report(1, 0, 100);
            control.advance(Duration.ofSeconds(10));
            report(1, 0, 4);

            assertThat(out()).isEmpty();
        }

        @Test
        void ejectsByShareOfGoodAnswersWithinAnInterval() {
            publish(
                    passive(Map.of(
                            "consecutiveFailures",
                            0,
                            "successRate",
                            Optional.of(RecordDefaults.of(SuccessRateConfig.class)))),
                    1,
                    2,
                    3,
                    4);
            report(1, 79, 21);
            report(2, 80, 20);
            report(3, 0, 49);
            assertThat(out()).isEmpty();
            control.advance(Duration.ofSeconds(10));

            assertThat(out()).containsExactly(1);
            assertThat(view(1).why()).isEqualTo("Only 79.0% of 100 requests were answered well.");
        }

        @Test
        void ejectsWhoIsSlowerThanTheOthers() {
            publish(passive(Map.of("latency", Optional.of(RecordDefaults.of(LatencyConfig.class)))), 1, 2, 3, 4);
            report(1, 20, 0, 100);
            report(2, 20, 0, 200);
            report(3, 20, 0, 601);
            report(4, 19, 0, 9000);
            control.advance(Duration.ofSeconds(10));

            assertThat(out()).containsExactly(3);
            assertThat(metric("penstock_ejections_total", "latency")).isEqualTo(1);
        }

        @Test
        void ejectsNobodyWhereAllAreSlow() {
            publish(passive(Map.of("latency", Optional.of(RecordDefaults.of(LatencyConfig.class)))), 1, 2, 3);
            for (int port = 1; port <= 3; port++) {
                report(port, 20, 0, 2000);
            }
            control.advance(Duration.ofSeconds(10));

            assertThat(out()).isEmpty();
        }

        @Test
        void givesEverybodyBackWhenItIsTakenOut() {
            publish(passive(Map.of()), 1, 2, 3);
            report(1, 0, 5);
            publish(active(), 1, 2, 3);

            assertThat(out()).isEmpty();
        }

        @Test
        void ignoresReportsOfWhatIsGone() {
            publish(passive(Map.of()), 1, 2);
            report(9, 0, 5);
            health.reported(new OutcomeReport("nowhere", List.of()));

            assertThat(out()).isEmpty();
        }
    }

    @Nested
    final class WhenAnOperatorSaysOtherwise {
        private void say(int port, boolean isHealthy, Duration length) {
            override(new HealthOverride(
                    "a", "10.0.0.1:" + port, isHealthy, control.now().plus(length)));
        }

        private void override(HealthOverride... all) {
            health.override(List.of(all), endpoints::endpointsOf).forEach(HealthDirectoryTest.this::tell);
        }

        @Test
        void leavesOutWhoIsCalledUnhealthyUntilItsTime() {
            publish(HealthConfig.DEFAULTS, 1, 2, 3);
            say(1, false, Duration.ofMinutes(5));
            assertThat(out()).containsExactly(1);
            assertThat(view(1).state()).isEqualTo(State.UNHEALTHY);
            assertThat(view(1).why()).startsWith("An operator says so, until ");

            control.advance(Duration.ofMinutes(5).plusSeconds(1));
            assertThat(out()).isEmpty();
        }

        @Test
        void usesWhoIsCalledHealthyWhateverChecksSay() {
            check.answers(1, false);
            publish(active(), 1, 2, 3);
            say(1, true, Duration.ofMinutes(5));
            assertThat(out()).isEmpty();

            override();
            assertThat(out()).containsExactly(1);
        }

        @Test
        void sendsNothingToTheUnhealthyOneInAPanicEither() {
            check.answers(2, false);
            check.answers(3, false);
            publish(active(), 1, 2, 3);
            assertThat(health.isPanic("a")).isTrue();
            say(2, false, Duration.ofMinutes(5));

            assertThat(out()).contains(2);
        }

        @Test
        void outlivesRevisionsAndHoldsForTargetsWrittenLater() {
            say(2, false, Duration.ofMinutes(5));
            publish(HealthConfig.DEFAULTS, 1, 2, 3);
            assertThat(out()).containsExactly(2);
            publish(active(), 2, 3, 4);
            assertThat(out()).containsExactly(2);
            publish(HealthConfig.DEFAULTS, 2, 3);
            assertThat(out()).containsExactly(2);

            override();
            assertThat(out()).isEmpty();
            assertThat(health.views("a")).isEmpty();
        }
    }

    @Nested
    final class WhenEndpointsStartSlowly {
        @Test
        void warmsWhoComesLaterAndNotTheFirst() {
            publish(with(HealthConfig.DEFAULTS, Share.parse("50%"), Duration.ofSeconds(30)), 1, 2);
            publish(with(HealthConfig.DEFAULTS, Share.parse("50%"), Duration.ofSeconds(30)), 1, 2, 3);

            assertThat(warming()).containsExactly(3);
            assertThat(view(3).warmingUntil()).isPresent();
        }

        @Test
        void warmsWhoBecomesHealthy() {
            check.answers(2, false);
            publish(with(active(), Share.parse("50%"), Duration.ofSeconds(30)), 1, 2, 3);
            assertThat(warming()).isEmpty();
            check.answers(2, true);
            control.advance(ROUND.multipliedBy(2));

            assertThat(out()).isEmpty();
            assertThat(warming()).containsExactly(2);
        }

        @Test
        void warmsWhoReturnsFromAnEjection() {
            publish(with(passive(Map.of()), Share.parse("50%"), Duration.ofSeconds(30)), 1, 2, 3);
            report(1, 0, 5);
            control.advance(Duration.ofSeconds(10));

            assertThat(warming()).containsExactly(1);
        }
    }
}
