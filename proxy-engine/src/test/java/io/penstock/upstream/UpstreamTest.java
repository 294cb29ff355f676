package io.penstock.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.config.UpstreamConfig;
import io.penstock.discovery.EndpointSet;
import io.penstock.limit.Circuits;
import io.penstock.limit.PermitTable;
import io.penstock.metrics.Counter;
import io.penstock.metrics.SeriesCounter;
import io.penstock.transport.CloseCause;
import io.penstock.transport.FakeChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

final class UpstreamTest {
    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

    private static void get(FakeExchange exchange) {
        exchange.stream().sendHead(UpstreamHarness.head("GET / HTTP/1.1\r\nHost: a\r\n\r\n"), true);
    }

    @Nested
    final class WhenAConnectionCannotBeMade {
        private final UpstreamHarness harness = UpstreamHarness.of("10.0.0.1:80", "10.0.0.2:80");
        private final FakeExchange exchange = new FakeExchange();

        @Test
        void saysThatNothingWasSentAndLeavesTheEndpointOutOfTheNextAttempt() {
            harness.upstream().open(exchange.request, exchange);
            Endpoint first = exchange.request.endpoint();
            harness.channel().fail(CloseCause.CONNECT_REFUSED);

            assertThat(exchange.events()).containsExactly("failed connect-failed NOTHING_SENT");
            assertThat(harness.upstream().hasUntried(exchange.request)).isTrue();
            harness.open(exchange, 0);
            assertThat(exchange.request.endpoint()).isNotSameAs(first);
            assertThat(exchange.events()).containsExactly("opened");
        }

        @Test
        void saysWhenItTookTooLong() {
            harness.upstream().open(exchange.request, exchange);
            assertThat(harness.loop().lastConnectTimeoutNs()).isEqualTo(2_000_000_000L);
            harness.channel().fail(CloseCause.CONNECT_TIMEOUT);

            assertThat(exchange.events()).containsExactly("failed connect-timeout NOTHING_SENT");
        }

        @Test
        void triesNoLongerThanTheExchangeWants() {
            exchange.request.connectTimeoutNs(5_000_000L);
            harness.upstream().open(exchange.request, exchange);

            assertThat(harness.loop().lastConnectTimeoutNs()).isEqualTo(5_000_000L);
        }

        @Test
        void saysThatNoEndpointIsLeft() {
            for (int i = 0; i < 2; i++) {
                harness.upstream().open(exchange.request, exchange);
                harness.channel().fail(CloseCause.CONNECT_UNREACHABLE);
            }
            exchange.events();
            harness.upstream().open(exchange.request, exchange);

            assertThat(exchange.events()).containsExactly("failed no-endpoint NOTHING_SENT");
            assertThat(harness.upstream().connections()).isZero();
        }

        @Test
        void countsIt() {
            harness.upstream().open(exchange.request, exchange);
            harness.channel().fail(CloseCause.CONNECT_REFUSED);

            assertThat(harness.counters.getFirst().value(Counter.UPSTREAM_CONNECT_FAILURES))
                    .isEqualTo(1);
            assertThat(harness.counters.getFirst().value(Counter.UPSTREAM_CONNECTIONS_OPEN))
                    .isZero();
            assertThat(harness.counters.getFirst().value(SeriesCounter.UPSTREAM_TRY_FAILURES, 0))
                    .isEqualTo(1);
        }
    }

    @Nested
    final class WhenNoEndpointMayBeUsed {
        private final UpstreamHarness harness = new UpstreamHarness(1);

        private List<String> openWith(EndpointSet endpoints) {
            harness.publish(UpstreamConfig.named(UpstreamHarness.NAME).build(), endpoints);
            FakeExchange exchange = new FakeExchange();
            harness.upstream().open(exchange.request, exchange);
            return exchange.events();
        }

        @Test
        void saysThatThereIsNone() {
            assertThat(openWith(UpstreamHarness.endpoints())).containsExactly("failed no-endpoint NOTHING_SENT");
        }

        @Test
        void saysThatNoGrantCoversThem() {
            EndpointSet refused = new EndpointSet(
                    UpstreamHarness.NAME, 0, List.of(UpstreamHarness.endpoint("10.0.0.1:80", 1, false)));

            assertThat(openWith(refused)).containsExactly("failed endpoint-not-granted NOTHING_SENT");
        }

        @Test
        void saysThatAllOfThemAreDrained() {
            EndpointSet drained = new EndpointSet(
                    UpstreamHarness.NAME,
                    0,
                    List.of(
                            UpstreamHarness.endpoint("10.0.0.2:80", 1, false),
                            UpstreamHarness.endpoint("10.0.0.3:80", 0, true),
                            UpstreamHarness.draining("10.0.0.1:80")));

            assertThat(openWith(drained)).containsExactly("failed endpoints-draining NOTHING_SENT");
        }

        @Test
        void failsForAnUpstreamThatIsNotThere() {
            FakeExchange exchange = new FakeExchange();
            harness.workers.getFirst().find(99).open(exchange.request, exchange);

            assertThat(exchange.events()).containsExactly("failed no-endpoint NOTHING_SENT");
        }
    }

    @Nested
    final class WhenThePoolIsExhausted {
        private final UpstreamHarness harness = new UpstreamHarness(1);

        private void publish(int max, int pending, String... targets) {
            harness.publish(UpstreamHarness.withPool(pool -> pool.max(max).pending(pending)), targets);
        }

        private FakeExchange waiting() {
            FakeExchange exchange = new FakeExchange();
            harness.upstream().open(exchange.request, exchange);
            assertThat(exchange.events()).isEmpty();
            assertThat(exchange.request.isPending()).isTrue();
            return exchange;
        }

        @Test
        void servesTheOldestThatWaitsWhenAConnectionIsGivenBack() {
            publish(1, 10, "10.0.0.1:80");
            get(harness.exchange());
            FakeExchange second = waiting();
            FakeExchange third = waiting();
            harness.channel().deliver(OK);
            assertThat(second.events()).containsExactly("opened reused");
            assertThat(third.events()).isEmpty();

            get(second);
            harness.channel().deliver(OK);

            assertThat(third.events()).containsExactly("opened reused");
            assertThat(harness.loop().connects()).hasSize(1);
        }

        @Test
        void letsNobodyPassThoseThatWait() {
            publish(1, 10, "10.0.0.1:80");
            FakeExchange first = harness.exchange();
            get(first);
            FakeExchange second = waiting();
            FakeExchange late = new FakeExchange();
            first.onHead(() -> harness.upstream().open(late.request, late));
            harness.channel().deliver(OK);

            assertThat(second.events()).containsExactly("opened reused");
            assertThat(late.events()).isEmpty();
        }

        @Test
        void opensANewConnectionWhenTheOldOneCannotBeUsedAgain() {
            publish(1, 10, "10.0.0.1:80");
            get(harness.exchange());
            FakeExchange second = waiting();
            harness.channel().deliver("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
            harness.channel().open();

            assertThat(second.events()).containsExactly("opened");
            assertThat(harness.loop().connects()).hasSize(2);
        }

        @Test
        void refusesMoreThanMayWait() {
            publish(1, 1, "10.0.0.1:80");
            harness.exchange();
            waiting();
            FakeExchange third = harness.exchange();

            assertThat(third.events()).containsExactly("failed pool-pending-full NOTHING_SENT");
            assertThat(harness.counters.getFirst().value(SeriesCounter.UPSTREAM_PENDING_REFUSED, 0))
                    .isEqualTo(1);
        }

        @Test
        void failsThoseThatWaitTooLong() {
            publish(1, 10, "10.0.0.1:80");
            harness.exchange();
            FakeExchange second = waiting();
            harness.advance(Duration.ofMillis(500));
            FakeExchange third = waiting();
            harness.advance(Duration.ofMillis(560));
            assertThat(second.events()).containsExactly("failed pool-pending-timeout NOTHING_SENT");
            assertThat(third.events()).isEmpty();

            harness.advance(Duration.ofMillis(500));

            assertThat(third.events()).containsExactly("failed pool-pending-timeout NOTHING_SENT");
            assertThat(harness.counters.getFirst().value(Counter.POOL_PENDING)).isZero();
        }

        @Test
        void failsThemInTimeUnderAStreamOfNewRequests() {
            publish(1, 10_000, "10.0.0.1:80");
            harness.exchange();
            FakeExchange second = waiting();
            for (int i = 0; i < 200; i++) {
                waiting();
                harness.advance(Duration.ofMillis(16));
            }

            assertThat(second.events()).containsExactly("failed pool-pending-timeout NOTHING_SENT");
        }

        @Test
        void forgetsThoseThatGaveUp() {
            publish(1, 1, "10.0.0.1:80");
            get(harness.exchange());
            FakeExchange second = waiting();
            second.request.cancel();
            FakeExchange third = waiting();
            harness.channel().deliver(OK);

            assertThat(second.events()).isEmpty();
            assertThat(third.events()).containsExactly("opened reused");
        }

        @Test
        void dropsTheConnectionThatWasBeingMadeForOneThatGaveUp() {
            publish(1, 1, "10.0.0.1:80");
            FakeExchange first = new FakeExchange();
            harness.upstream().open(first.request, first);
            FakeExchange second = waiting();
            first.request.cancel();
            harness.loop().run();
            assertThat(harness.loop().connects().getFirst().isAborted()).isTrue();
            harness.channel().open();

            assertThat(first.events()).isEmpty();
            assertThat(second.events()).containsExactly("opened");
            assertThat(harness.upstream().endpoint(0).inFlightRequests()).isEqualTo(1);
        }

        @Test
        void takesAnIdleConnectionToAnotherEndpointRatherThanWait() {
            publish(1, 10, "10.0.0.1:80", "10.0.0.2:80");
            for (int i = 0; i < 4; i++) {
                FakeExchange exchange = harness.exchange();
                get(exchange);
                harness.channel().deliver(OK);
                assertThat(exchange.events()).contains("head 200 last");
            }

            assertThat(harness.loop().connects()).hasSize(1);
        }

        @Test
        void closesAnIdleConnectionThatTheRequestCannotUse() {
            publish(1, 10, "10.0.0.1:80", "10.0.0.2:80");
            FakeExchange first = harness.exchange();
            get(first);
            harness.channel().deliver(OK);
            FakeExchange second = new FakeExchange();
            second.request.avoid(first.request.endpoint());
            harness.upstream().open(second.request, second);
            harness.loop().run();
            harness.channel().open();

            assertThat(second.events()).containsExactly("opened");
            assertThat(harness.loop().connects().getFirst().isClosed()).isTrue();
        }

        @Test
        void closesConnectionsOnTheirReturnWhenTheMaximumWasLowered() {
            publish(2, 10, "10.0.0.1:80");
            FakeExchange first = harness.exchange();
            FakeChannel channel = harness.channel();
            get(first);
            harness.exchange();
            publish(1, 10, "10.0.0.1:80");
            channel.deliver(OK);

            assertThat(channel.isClosed()).isTrue();
            assertThat(harness.upstream().connections()).isEqualTo(1);
        }
    }

    @Nested
    final class WhenAConnectionIsIdle {
        private final UpstreamHarness harness = new UpstreamHarness(1);

        private void idle(UpstreamConfig.Builder upstream, String fields) {
            harness.publish(upstream, "10.0.0.1:80");
            get(harness.exchange());
            harness.channel().deliver("HTTP/1.1 200 OK\r\n" + fields + "Content-Length: 0\r\n\r\n");
            assertThat(harness.upstream().endpoint(0).idleConnections()).isEqualTo(1);
        }

        private int idleAfter(Duration time) {
            harness.advance(time);
            return harness.upstream().connections();
        }

        @Test
        void closesItAfterItsTime() {
            idle(UpstreamHarness.withPool(pool -> pool.idleTimeout(Duration.ofSeconds(5))), "");

            assertThat(idleAfter(Duration.ofMillis(4900))).isEqualTo(1);
            assertThat(idleAfter(Duration.ofMillis(200))).isZero();
        }

        @Test
        void closesItBeforeTheEndpointDoes() {
            idle(UpstreamHarness.withPool(pool -> pool), "Keep-Alive: timeout=5, max=100\r\n");

            assertThat(idleAfter(Duration.ofMillis(3900))).isEqualTo(1);
            assertThat(idleAfter(Duration.ofMillis(200))).isZero();
        }

        @Test
        void closesItAtItsAge() {
            idle(UpstreamHarness.withPool(pool -> pool.maxAge(Duration.ofSeconds(10))), "");

            assertThat(idleAfter(Duration.ofMillis(8900))).isEqualTo(1);
            assertThat(idleAfter(Duration.ofMillis(1200))).isZero();
        }

        @Test
        void usesItNoMoreOftenThanAllowed() {
            idle(UpstreamHarness.withPool(pool -> pool.requestsMax(2)), "");
            get(harness.exchange());
            harness.channel().deliver(OK);

            assertThat(harness.upstream().connections()).isZero();
        }

        @Test
        void usesTheOneLastUsedFirst() {
            harness.publish(UpstreamConfig.named(UpstreamHarness.NAME), "10.0.0.1:80");
            get(harness.exchange());
            FakeChannel first = harness.channel();
            get(harness.exchange());
            FakeChannel second = harness.channel();
            second.deliver(OK);
            first.deliver(OK);
            get(harness.exchange());

            assertThat(first.sent()).isNotEmpty().contains("GET");
            assertThat(harness.upstream().endpoint(0).idleConnections()).isEqualTo(1);
            second.endInput();
            assertThat(harness.upstream().endpoint(0).idleConnections()).isZero();
        }

        @Test
        void countsIt() {
            idle(UpstreamHarness.withPool(pool -> pool), "");

            assertThat(harness.counters.getFirst().value(Counter.UPSTREAM_CONNECTIONS_IDLE))
                    .isEqualTo(1);
            harness.channel().endInput();
            assertThat(harness.counters.getFirst().value(Counter.UPSTREAM_CONNECTIONS_IDLE))
                    .isZero();
            assertThat(harness.counters.getFirst().value(Counter.UPSTREAM_CLOSED))
                    .isEqualTo(1);
        }

        @Test
        void armsTheWheelForNoRequest() {
            idle(UpstreamHarness.withPool(pool -> pool), "");
            int armed = harness.loop().wheel().armedTimers();
            for (int i = 0; i < 50; i++) {
                get(harness.exchange());
                harness.channel().deliver(OK);
            }

            assertThat(harness.loop().wheel().armedTimers()).isEqualTo(armed);
        }
    }

    @Nested
    final class WhenWorkersShareAPool {
        private final UpstreamHarness harness = new UpstreamHarness(2);

        @Test
        void keepsTheMaximumExactOverAllOfThem() {
            harness.publish(UpstreamHarness.withPool(pool -> pool.max(3)), "10.0.0.1:80");
            for (int i = 0; i < 4; i++) {
                harness.exchange(0);
                harness.exchange(1);
            }

            assertThat(harness.upstream(0).connections() + harness.upstream(1).connections())
                    .isEqualTo(3);
        }

        @Test
        void boundsThoseThatWaitOverAllOfThem() {
            harness.publish(UpstreamHarness.withPool(pool -> pool.max(1).pending(1)), "10.0.0.1:80");
            harness.exchange(0);
            harness.exchange(0);

            assertThat(harness.exchange(1).events()).containsExactly("failed pool-pending-full NOTHING_SENT");
        }

        @Test
        void closesIdleConnectionsThatAnotherWorkerNeeds() {
            harness.publish(UpstreamHarness.withPool(pool -> pool.max(1)), "10.0.0.1:80");
            get(harness.exchange(0));
            harness.loops.get(0).lastConnect().deliver(OK);
            FakeExchange other = harness.exchange(1);
            assertThat(other.events()).isEmpty();

            harness.advance(Duration.ofMillis(200));
            harness.loops.get(1).lastConnect().open();

            assertThat(other.events()).containsExactly("opened");
            assertThat(harness.upstream(0).connections()).isZero();
        }

        @Test
        void takesTurnsWhenOneWorkerNeverRunsOutOfWork() {
            harness.publish(UpstreamHarness.withPool(pool -> pool.max(1).pending(100)), "10.0.0.1:80");
            FakeExchange busy = harness.exchange(0);
            get(busy);
            FakeExchange other = harness.exchange(1);
            int served = 0;
            for (int i = 0; i < 50 && harness.loops.get(1).connects().isEmpty(); i++) {
                FakeExchange next = new FakeExchange();
                harness.upstream(0).open(next.request, next);
                FakeChannel channel = harness.loops.get(0).lastConnect();
                channel.deliver(OK);
                harness.advance(Duration.ofMillis(16));
                if (next.events().contains("opened reused")) {
                    get(next);
                    served++;
                }
            }

            assertThat(harness.loops.get(1).connects())
                    .as("after %d requests of the busy one", served)
                    .hasSize(1);
            harness.loops.get(1).lastConnect().open();
            assertThat(other.events()).containsExactly("opened");
        }
    }

    @Nested
    final class WhenTheConfigurationChanges {
        private final UpstreamHarness harness = UpstreamHarness.of("10.0.0.1:80");

        @Test
        void keepsPoolAndLoadOfEndpointsThatStay() {
            harness.wholeGet();
            Endpoint before = harness.upstream().endpoint(0);
            harness.publish(UpstreamHarness.withPool(pool -> pool.max(7)), "10.0.0.2:80", "10.0.0.1:80");

            assertThat(harness.upstream().endpointCount()).isEqualTo(2);
            assertThat(harness.upstream().endpoint(1)).isSameAs(before);
            assertThat(before.idleConnections()).isEqualTo(1);
        }

        @Test
        void letsExchangesOfRemovedEndpointsFinishAndKeepsNothingOfThem() {
            FakeExchange exchange = harness.get();
            FakeChannel channel = harness.channel();
            harness.workers.getFirst().update(UpstreamHarness.endpoints("10.0.0.2:80"));
            assertThat(exchange.stream().endpoint().isRemoved()).isTrue();
            channel.deliver("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");

            assertThat(exchange.events()).endsWith("end");
            assertThat(channel.isClosed()).isTrue();
            assertThat(harness.upstream().connections()).isZero();
            assertThat(harness.counters.getFirst().value(SeriesCounter.ENDPOINT_CONNECTIONS_OPEN, 0))
                    .isZero();
        }

        @Test
        void closesIdleConnectionsOfRemovedEndpoints() {
            harness.wholeGet();
            harness.workers.getFirst().update(UpstreamHarness.endpoints("10.0.0.2:80"));
            harness.loop().run();

            assertThat(harness.upstream().connections()).isZero();
        }

        @Test
        void closesIdleConnectionsWhereTheGrantIsGone() {
            harness.wholeGet();
            harness.workers
                    .getFirst()
                    .update(new EndpointSet(
                            UpstreamHarness.NAME, 0, List.of(UpstreamHarness.endpoint("10.0.0.1:80", 1, false))));
            harness.loop().run();

            assertThat(harness.upstream().connections()).isZero();
            assertThat(harness.exchange().events()).containsExactly("failed endpoint-not-granted NOTHING_SENT");
        }

        @Test
        void letsExchangesOfDrainedEndpointsFinishAndGivesThemNoOther() {
            FakeExchange exchange = harness.get();
            FakeChannel channel = harness.channel();
            EndpointSet drained = new EndpointSet(
                    UpstreamHarness.NAME,
                    0,
                    List.of(UpstreamHarness.draining("10.0.0.1:80"), UpstreamHarness.endpoint("10.0.0.2:80")));
            harness.workers.getFirst().update(drained);

            for (int i = 0; i < 8; i++) {
                FakeExchange next = harness.exchange();
                assertThat(next.request.endpoint().name()).isEqualTo("10.0.0.2:80");
            }
            channel.deliver("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");

            assertThat(exchange.events()).endsWith("end");
            assertThat(channel.isClosed()).isTrue();
        }

        @Test
        void countsIdleConnectionsAndClosesThemWhenTheirEndpointIsDrained() {
            harness.wholeGet();
            assertThat(harness.counters.getFirst().value(SeriesCounter.ENDPOINT_CONNECTIONS_IDLE, 0))
                    .isEqualTo(1);

            harness.workers
                    .getFirst()
                    .update(new EndpointSet(UpstreamHarness.NAME, 0, List.of(UpstreamHarness.draining("10.0.0.1:80"))));
            harness.loop().run();

            assertThat(harness.upstream().connections()).isZero();
            assertThat(harness.counters.getFirst().value(SeriesCounter.ENDPOINT_CONNECTIONS_IDLE, 0))
                    .isZero();
        }

        @Test
        void letsExchangesThatKnowARemovedUpstreamGoOn() {
            int id = harness.upstream().id();
            FakeExchange exchange = harness.get();
            harness.remove(UpstreamHarness.NAME);
            FakeExchange late = new FakeExchange();
            harness.workers.getFirst().find(id).open(late.request, late);
            FakeChannel channel = harness.loop().connects().getFirst();
            channel.deliver(OK);
            harness.channel().open();

            assertThat(exchange.events()).endsWith("head 200 last");
            assertThat(channel.isClosed()).isTrue();
            assertThat(late.events()).containsExactly("opened");
        }

        @Test
        void neverGivesAnIdAgain() {
            int before = harness.plan.idOf(UpstreamHarness.NAME).orElseThrow();
            harness.remove(UpstreamHarness.NAME);
            harness.publish(UpstreamConfig.named(UpstreamHarness.NAME), "10.0.0.1:80");

            assertThat(harness.plan.idOf(UpstreamHarness.NAME).orElseThrow()).isNotEqualTo(before);
        }

        @Test
        void servesThoseThatWaitByNewEndpoints() {
            harness.publish(UpstreamHarness.withPool(pool -> pool.max(1)), "10.0.0.1:80");
            FakeExchange first = new FakeExchange();
            harness.upstream().open(first.request, first);
            FakeExchange second = new FakeExchange();
            harness.upstream().open(second.request, second);
            harness.workers.getFirst().update(UpstreamHarness.endpoints("10.0.0.2:80"));
            harness.loop().lastConnect().fail(CloseCause.CONNECT_REFUSED);
            harness.channel().open();

            assertThat(second.events()).containsExactly("opened");
            assertThat(second.request.endpoint().name()).isEqualTo("10.0.0.2:80");
        }

        @Test
        void keepsNoConnectionWhileDraining() {
            harness.wholeGet();
            FakeExchange exchange = harness.get();
            harness.workers.getFirst().drain();
            harness.channel().deliver("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");

            assertThat(exchange.events()).endsWith("end");
            assertThat(harness.upstream().connections()).isZero();
        }
    }

    @Nested
    final class WhenPlansShare {
        @Test
        void changesTellOnlyWhatChanged() {
            UpstreamPlan.Edit edit = UpstreamPlan.empty().edit();
            PermitTable permits = new PermitTable(10_000);
            for (int i = 0; i < 3000; i++) {
                edit.put(
                        UpstreamConfig.named("u" + i).build(),
                        new EndpointSet("u" + i, -1, List.of()),
                        permits,
                        new Circuits());
            }
            UpstreamPlan before = edit.done();
            UpstreamPlan.Edit next = before.edit();
            next.remove("u7");
            next.put(UpstreamConfig.named("u8").build(), new EndpointSet("u8", -1, List.of()), permits, new Circuits());
            next.put(
                    UpstreamConfig.named("new").build(),
                    new EndpointSet("new", -1, List.of()),
                    permits,
                    new Circuits());
            UpstreamPlan after = next.done();
            List<String> changes = new ArrayList<>();
            after.changesSince(before, new UpstreamPlan.Changes() {
                @Override
                public void removed(UpstreamSpec spec) {
                    changes.add("-" + spec.name());
                }

                @Override
                public void put(UpstreamSpec spec) {
                    changes.add("+" + spec.name());
                }
            });

            assertThat(changes).containsExactlyInAnyOrder("-u7", "+u8", "+new");
            assertThat(before.idOf("u7")).isPresent();
            assertThat(after.idOf("u7")).isEmpty();
            assertThat(after.idOf("u8")).isEqualTo(before.idOf("u8"));
        }
    }
}
