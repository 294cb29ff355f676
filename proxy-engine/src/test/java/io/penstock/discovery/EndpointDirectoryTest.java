package io.penstock.discovery;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.config.BackendGrantConfig;
import io.penstock.config.Cidr;
import io.penstock.config.HostPort;
import io.penstock.config.ProxyConfig;
import io.penstock.config.ResourceType;
import io.penstock.config.TargetConfig;
import io.penstock.config.UpstreamConfig;
import io.penstock.metrics.Metrics;
import io.penstock.metrics.SeriesBounds;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

final class EndpointDirectoryTest {
    private static final Duration MINUTE = Duration.ofMinutes(1);

    private final FakeControl control = new FakeControl();
    private final FakeDns dns = new FakeDns();
    private final List<EndpointSet> told = new ArrayList<>();
    private final EndpointDirectory directory =
            new EndpointDirectory(dns, control, told::add, new Metrics(1, new SeriesBounds(10, 10, 10, 10)), 7);
    private ProxyConfig config = ProxyConfig.initial();

    private static UpstreamConfig upstream(String name, String... targets) {
        return UpstreamConfig.named(name)
                .targets(List.of(targets).stream().map(TargetConfig::of).toArray(TargetConfig[]::new))
                .build();
    }

    private List<EndpointSet> publish(ProxyConfig next) {
        List<EndpointSet> changes = directory.follow(config, next);
        config = next;
        control.run();
        return changes;
    }

    private List<EndpointSet> publish(UpstreamConfig upstream) {
        return publish(config.with(upstream));
    }

    private static List<String> addresses(EndpointSet set) {
        return set.endpoints().stream()
                .map(endpoint -> endpoint.address().getAddress().getHostAddress() + ":"
                        + endpoint.address().getPort())
                .toList();
    }

    private List<String> lastTold() {
        assertThat(told).isNotEmpty();
        List<String> last = addresses(told.getLast());
        told.clear();
        return last;
    }

    private DnsView view(String name) {
        return directory.dns().stream()
                .filter(row -> row.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    @Nested
    final class WhenTargetsAreAddresses {
        @Test
        void knowsThemAtOnce() {
            List<EndpointSet> changes = publish(upstream("a", "10.0.0.1:80", "[2001:db8::1]:81", "localhost:82"));

            assertThat(addresses(changes.getFirst()))
                    .containsExactly("10.0.0.1:80", "2001:db8:0:0:0:0:0:1:81", "127.0.0.1:82");
            assertThat(dns.asked()).isEmpty();
        }

        @Test
        void saysWhatTheyWereWrittenAs() {
            EndpointSpec spec = publish(upstream("a", "localhost:82"))
                    .getFirst()
                    .endpoints()
                    .getFirst();

            assertThat(spec.authority()).isEqualTo("localhost:82");
            assertThat(spec.weight()).isEqualTo(1);
        }

        @Test
        void hasNoneForADisabledUpstream() {
            UpstreamConfig disabled =
                    upstream("a", "10.0.0.1:80").toBuilder().enabled(false).build();

            assertThat(publish(disabled).getFirst().endpoints()).isEmpty();
        }

        @Test
        void tellsNothingOfUpstreamsThatDidNotChange() {
            publish(upstream("a", "10.0.0.1:80"));

            assertThat(publish(upstream("b", "10.0.0.2:80")))
                    .extracting(EndpointSet::upstream)
                    .containsExactly("b");
        }

        @Test
        void givesEachASeriesAndTakesItBackLater() {
            EndpointSet first =
                    publish(upstream("a", "10.0.0.1:80", "10.0.0.2:80")).getFirst();
            assertThat(first.seriesId()).isZero();
            assertThat(first.endpoints()).extracting(EndpointSpec::seriesId).containsExactly(0, 1);

            EndpointSet second =
                    publish(upstream("a", "10.0.0.2:80", "10.0.0.3:80")).getFirst();
            assertThat(second.endpoints()).extracting(EndpointSpec::seriesId).containsExactly(1, 2);
            control.advance(SeriesIds.REST.plus(Duration.ofSeconds(1)));
            EndpointSet third = publish(upstream("a", "10.0.0.2:80", "10.0.0.3:80", "10.0.0.4:80"))
                    .getFirst();

            assertThat(third.endpoints()).extracting(EndpointSpec::seriesId).containsExactly(1, 2, 0);
        }
    }

    @Nested
    final class WhenTargetsAreNames {
        @Test
        void tellsTheAddressesOnceTheyAreKnown() {
            assertThat(publish(upstream("a", "x.test:80")).getFirst().endpoints())
                    .isEmpty();
            dns.answers("x.test", MINUTE, "10.0.0.2", "10.0.0.1");
            control.run();

            assertThat(lastTold()).containsExactly("10.0.0.1:80", "10.0.0.2:80");
        }

        @Test
        void knowsThemBeforehandWhereTheyWereLearned() {
            UpstreamConfig upstream = upstream("a", "x.test:80");
            CompletableFuture<Void> learned = directory.learn(List.of(upstream), Duration.ofSeconds(1));
            assertThat(learned).isNotDone();
            dns.answers("x.test", MINUTE, "10.0.0.1");
            control.run();

            assertThat(learned).isCompleted();
            assertThat(addresses(directory.endpointsOf(upstream, config))).containsExactly("10.0.0.1:80");
            assertThat(addresses(publish(upstream).getFirst())).containsExactly("10.0.0.1:80");
            assertThat(told).isEmpty();
        }

        @Test
        void waitsNoLongerThanAskedForWhatItLearns() {
            CompletableFuture<Void> learned =
                    directory.learn(List.of(upstream("a", "x.test:80")), Duration.ofSeconds(1));
            control.advance(Duration.ofSeconds(1));

            assertThat(learned).isCompleted();
        }

        @Test
        void learnsNothingWhereThereIsNothingToLearn() {
            assertThat(directory.learn(List.of(upstream("a", "10.0.0.1:80")), MINUTE))
                    .isCompleted();
        }

        @Test
        void forgetsNamesThatWereLearnedForNothing() {
            CompletableFuture<Void> learned =
                    directory.learn(List.of(upstream("a", "x.test:80")), Duration.ofSeconds(1));
            dns.answers("x.test", Duration.ofSeconds(10), "10.0.0.1");
            control.run();
            assertThat(learned).isCompleted();
            assertThat(directory.dns()).hasSize(1);

            control.advance(Duration.ofSeconds(12));

            assertThat(directory.dns()).isEmpty();
            assertThat(dns.asked()).containsExactly("x.test");
        }

        @Test
        void prefersIpv4AndTakesIpv6WhereThereIsNothingElse() {
            dns.knows("both.test", MINUTE, "2001:db8::1", "10.0.0.1").knows("six.test", MINUTE, "2001:db8::2");
            publish(upstream("a", "both.test:80", "six.test:80"));

            assertThat(lastTold()).containsExactly("10.0.0.1:80", "2001:db8:0:0:0:0:0:2:80");
        }

        @Test
        void takesTwoNamesOfOneAddressForOneEndpointOfBothWeights() {
            dns.knows("x.test", MINUTE, "10.0.0.1").knows("y.test", MINUTE, "10.0.0.1");
            publish(upstream("a", "x.test:80", "y.test:80"));

            EndpointSpec only = told.getLast().endpoints().getFirst();
            assertThat(told.getLast().endpoints()).hasSize(1);
            assertThat(only.weight()).isEqualTo(2);
            assertThat(only.authority()).isEqualTo("x.test:80");
        }

        @Test
        void tellsEveryUpstreamOfTheName() {
            publish(upstream("a", "x.test:80"));
            publish(upstream("b", "x.test:81"));
            dns.answers("x.test", MINUTE, "10.0.0.1");
            control.run();

            assertThat(told).extracting(EndpointSet::upstream).containsExactly("a", "b");
            assertThat(view("x.test").usedBy()).containsExactly("a", "b");
        }

        @Test
        void asksForManyNamesOnlyAFewAtOnce() {
            String[] targets = new String[200];
            for (int i = 0; i < targets.length; i++) {
                targets[i] = "n" + i + ".test:80";
            }
            publish(upstream("a", targets));
            assertThat(dns.open()).isEqualTo(DnsCache.LOOKUPS_MAX);

            dns.answers("n0.test", MINUTE, "10.0.0.1");
            control.run();

            assertThat(dns.open()).isEqualTo(DnsCache.LOOKUPS_MAX);
        }
    }

    @Nested
    final class WhenTimePasses {
        @Test
        void asksAgainWhenTheTimeToLiveIsOver() {
            dns.knows("x.test", Duration.ofSeconds(20), "10.0.0.1");
            publish(upstream("a", "x.test:80"));
            dns.asked();
            control.advance(Duration.ofSeconds(19));
            assertThat(dns.asked()).isEmpty();
            dns.knows("x.test", Duration.ofSeconds(20), "10.0.0.9");
            told.clear();

            control.advance(Duration.ofSeconds(4));

            assertThat(dns.asked()).containsExactly("x.test");
            assertThat(lastTold()).containsExactly("10.0.0.9:80");
        }

        @Test
        void asksNoMoreOftenThanEachSecondHoweverShortTheTimeToLive() {
            dns.knows("x.test", Duration.ZERO, "10.0.0.1");
            publish(upstream("a", "x.test:80"));
            dns.asked();

            control.advance(Duration.ofSeconds(10));

            assertThat(dns.asked()).hasSizeBetween(9, 10);
        }

        @Test
        void asksAtLeastEveryFiveMinutesHoweverLongTheTimeToLive() {
            dns.knows("x.test", Duration.ofDays(7), "10.0.0.1");
            publish(upstream("a", "x.test:80"));
            dns.asked();

            control.advance(Duration.ofMinutes(6));

            assertThat(dns.asked()).hasSize(1);
        }

        @Test
        void tellsNothingWhereTheSameAddressesComeInAnotherOrder() {
            dns.knows("x.test", Duration.ofSeconds(5), "10.0.0.1", "10.0.0.2");
            publish(upstream("a", "x.test:80"));
            dns.knows("x.test", Duration.ofSeconds(5), "10.0.0.2", "10.0.0.1");
            told.clear();

            control.advance(MINUTE);

            assertThat(told).isEmpty();
        }

        @Test
        void asksNoMoreForNamesThatNobodyUses() {
            dns.knows("x.test", Duration.ofSeconds(5), "10.0.0.1");
            publish(upstream("a", "x.test:80"));
            publish(upstream("a", "10.0.0.7:80"));
            dns.asked();

            control.advance(MINUTE);

            assertThat(dns.asked()).isEmpty();
            assertThat(directory.dns()).isEmpty();
        }
    }

    @Nested
    final class WhenTheNameServiceFails {
        @Test
        void servesTheLastGoodAddressesAndAsksLessAndLessOften() {
            dns.knows("x.test", Duration.ofSeconds(5), "10.0.0.1");
            publish(upstream("a", "x.test:80"));
            told.clear();
            dns.down(true);
            dns.asked();

            control.advance(Duration.ofMinutes(10));

            assertThat(told).isEmpty();
            assertThat(dns.asked()).hasSizeBetween(15, 30);
            DnsView view = view("x.test");
            assertThat(view.state()).isEqualTo(DnsView.State.STALE);
            assertThat(view.addresses()).containsExactly("10.0.0.1");
            assertThat(view.lastError()).contains("server failure");
            assertThat(view.ttlLeft()).isEmpty();
            assertThat(view.why()).contains("last good addresses");
        }

        @Test
        void givesThemUpAfterADay() {
            dns.knows("x.test", Duration.ofSeconds(5), "10.0.0.1");
            publish(upstream("a", "x.test:80"));
            dns.down(true);

            control.advance(DnsName.STALE_MAX.plus(MINUTE));

            assertThat(lastTold()).isEmpty();
            assertThat(view("x.test").state()).isEqualTo(DnsView.State.NEGATIVE);
        }

        @Test
        void takesAnEmptyAnswerForAFailure() {
            dns.knows("x.test", Duration.ofSeconds(5), "10.0.0.1");
            publish(upstream("a", "x.test:80"));
            told.clear();
            dns.knows("x.test", Duration.ofSeconds(5));

            control.advance(MINUTE);

            assertThat(told).isEmpty();
            assertThat(view("x.test").lastError()).contains("the name service knows no address of this name");
        }

        @Test
        void recovers() {
            dns.down(true);
            publish(upstream("a", "x.test:80"));
            assertThat(view("x.test").state()).isEqualTo(DnsView.State.NEGATIVE);
            dns.down(false);
            dns.knows("x.test", MINUTE, "10.0.0.1");

            control.advance(Duration.ofSeconds(2));

            assertThat(lastTold()).containsExactly("10.0.0.1:80");
            assertThat(view("x.test").state()).isEqualTo(DnsView.State.FRESH);
            assertThat(view("x.test").lastError()).isEmpty();
        }

        @Test
        void remembersAFailureForTheNextConfiguration() {
            dns.down(true);
            publish(upstream("a", "x.test:80"));
            dns.asked();

            assertThat(directory.learn(List.of(upstream("b", "x.test:80")), MINUTE))
                    .isCompleted();
            assertThat(dns.asked()).isEmpty();
        }
    }

    @Nested
    final class WhenFlushed {
        @Test
        void asksAtOnceAndKeepsTheAddressesUntilThereAreOthers() {
            dns.knows("x.test", MINUTE, "10.0.0.1");
            publish(upstream("a", "x.test:80"));
            dns.asked();
            dns.knows("x.test", MINUTE, "10.0.0.2");

            assertThat(directory.flush("x.test")).isTrue();
            assertThat(view("x.test").addresses()).containsExactly("10.0.0.1");
            control.run();

            assertThat(dns.asked()).containsExactly("x.test");
            assertThat(lastTold()).containsExactly("10.0.0.2:80");
        }

        @Test
        void saysWhetherTheNameIsKnown() {
            assertThat(directory.flush("nobody.test")).isFalse();
        }
    }

    @Nested
    final class WhenGrantsDecide {
        private ProxyConfig with(BackendGrantConfig grant) {
            return config.with(grant);
        }

        private static BackendGrantConfig.Builder grant(String cidr) {
            return BackendGrantConfig.named("default-any").addresses(Cidr.parse(cidr));
        }

        private static List<Boolean> granted(EndpointSet set) {
            return set.endpoints().stream().map(EndpointSpec::isGranted).toList();
        }

        @Test
        void grantsAddressesPortsAndNothingElse() {
            publish(with(grant("10.0.0.0/24").ports("80", "8000-8080").build()));
            EndpointSet set = publish(upstream(
                            "a",
                            "10.0.0.1:80",
                            "10.0.0.1:81",
                            "10.0.0.1:8000",
                            "10.0.0.1:8080",
                            "10.0.0.1:8081",
                            "10.0.1.1:80"))
                    .getFirst();

            assertThat(granted(set)).containsExactly(true, false, true, true, false, false);
        }

        @Test
        void checksAddressesThatNamesResolveTo() {
            publish(with(grant("10.0.0.0/24").build()));
            dns.knows("x.test", MINUTE, "10.0.0.1", "192.168.0.1");
            publish(upstream("a", "x.test:80"));

            assertThat(granted(told.getLast())).containsExactly(true, false);
        }

        @Test
        void takesGrantsOfOtherNetworksAndDisabledOnesForNone() {
            publish(with(grant("0.0.0.0/0").network("elsewhere").build()));
            assertThat(granted(publish(upstream("a", "10.0.0.1:80")).getFirst()))
                    .containsExactly(false);

            List<EndpointSet> changes =
                    publish(with(grant("0.0.0.0/0").enabled(false).build()));

            assertThat(changes).isEmpty();
        }

        @Test
        void tellsUpstreamsThatDidNotChangeThemselves() {
            publish(upstream("a", "10.0.0.1:80"));
            publish(upstream("b", "10.1.0.1:80"));

            List<EndpointSet> changes = publish(with(grant("10.0.0.0/16").build()));

            assertThat(changes).extracting(EndpointSet::upstream).containsExactly("b");
            assertThat(granted(changes.getFirst())).containsExactly(false);
        }

        @Test
        void endsAGrantAtItsTime() {
            publish(upstream("a", "10.0.0.1:80"));
            publish(with(grant("0.0.0.0/0")
                    .expires(control.now().plus(Duration.ofMinutes(3)))
                    .build()));
            control.advance(Duration.ofMinutes(2));
            assertThat(told).isEmpty();

            control.advance(Duration.ofSeconds(61));

            assertThat(granted(told.getLast())).containsExactly(false);
        }
    }

    @Nested
    final class WhenTargetsAreDrained {
        private EndpointDrain drain(String upstream, String authority, Duration life) {
            return new EndpointDrain(upstream, authority, control.now().plus(life));
        }

        private static List<Boolean> draining(EndpointSet set) {
            return set.endpoints().stream().map(EndpointSpec::isDraining).toList();
        }

        @Test
        void tellsOnlyTheUpstreamsThatChanged() {
            publish(upstream("a", "10.0.0.1:80", "10.0.0.2:80"));
            publish(upstream("b", "10.0.0.1:80"));

            List<EndpointSet> changes = directory.drain(List.of(drain("a", "10.0.0.2:80", MINUTE)));

            assertThat(changes).hasSize(1);
            assertThat(draining(changes.getFirst())).containsExactly(false, true);
            assertThat(directory.drain(List.of(drain("a", "10.0.0.2:80", MINUTE.multipliedBy(2)))))
                    .isEmpty();
            assertThat(draining(directory.drain(List.of()).getFirst())).containsExactly(false, false);
        }

        @Test
        void endsADrainAtItsTimeAndSaysSo() {
            publish(upstream("a", "10.0.0.1:80"));
            directory.drain(List.of(drain("a", "10.0.0.1:80", MINUTE.multipliedBy(5))));

            control.advance(Duration.ofSeconds(299));
            assertThat(told).isEmpty();
            control.advance(Duration.ofSeconds(2));

            assertThat(draining(told.getLast())).containsExactly(false);
        }

        @Test
        void holdsOverRevisionsAndForTargetsThatComeLater() {
            directory.drain(List.of(drain("a", "10.0.0.1:80", MINUTE)));

            UpstreamConfig upstream = upstream("a", "10.0.0.1:80");
            assertThat(draining(directory.endpointsOf(upstream, config.with(upstream))))
                    .containsExactly(true);
            assertThat(draining(publish(upstream).getFirst())).containsExactly(true);
            assertThat(draining(
                            publish(upstream("a", "10.0.0.1:80", "10.0.0.2:80")).getFirst()))
                    .containsExactly(true, false);
        }

        @Test
        void drainsABackendByEitherOfItsNames() {
            publish(upstream("a", "localhost:80", "127.0.0.1:80"));

            List<EndpointSet> changes = directory.drain(List.of(drain("a", "127.0.0.1:80", MINUTE)));

            assertThat(draining(changes.getFirst())).containsExactly(true);
        }
    }

    @Nested
    final class AView {
        @Test
        void saysWhereEachAddressComesFromAndWhetherItTakesRequests() {
            TargetConfig idle = new TargetConfig(
                    HostPort.parse("10.0.0.3:80"), Optional.of("standby"), 0, Optional.empty(), Optional.empty());
            publish(UpstreamConfig.named("a")
                    .targets(
                            TargetConfig.of("10.0.0.1:80"),
                            TargetConfig.of("10.0.0.2:80"),
                            idle,
                            TargetConfig.of("later.test:80"))
                    .build());
            EndpointDrain drain =
                    new EndpointDrain("a", "10.0.0.2:80", control.now().plus(MINUTE));
            directory.drain(List.of(drain));

            List<EndpointView> views = directory.views("a");

            assertThat(views)
                    .extracting(EndpointView::state)
                    .containsExactly(
                            EndpointView.State.READY,
                            EndpointView.State.DRAINING,
                            EndpointView.State.WEIGHTLESS,
                            EndpointView.State.UNRESOLVED);
            assertThat(views.get(1).drainedUntil()).contains(drain.until());
            assertThat(views.get(3).source()).isEqualTo(EndpointView.Source.DNS);
            assertThat(directory.views("none")).isEmpty();
        }

        @Test
        void namesTheMissingGrantBeforeTheDrain() {
            publish(config.without(ResourceType.BACKEND_GRANTS, "default-any").with(upstream("a", "10.0.0.1:80")));
            directory.drain(
                    List.of(new EndpointDrain("a", "10.0.0.1:80", control.now().plus(MINUTE))));

            assertThat(directory.views("a").getFirst().state()).isEqualTo(EndpointView.State.NOT_GRANTED);
        }
    }
}
