package io.penstock.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.config.BalancerType;
import io.penstock.config.LocalityConfig;
import io.penstock.config.Share;
import io.penstock.discovery.EndpointSet;
import io.penstock.discovery.EndpointSpec;
import io.penstock.discovery.MaglevTable;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

final class BalancerTest {
    private final UpstreamHarness harness = new UpstreamHarness(1);

    private void publish(BalancerType type, int... weights) {
        List<EndpointSpec> endpoints = IntStream.range(0, weights.length)
                .mapToObj(i -> UpstreamHarness.endpoint("10.0.0." + i + ":80", weights[i], true))
                .toList();
        harness.publish(
                UpstreamHarness.withPool(pool -> pool.max(100_000))
                        .balancer(type)
                        .build(),
                new EndpointSet(
                        UpstreamHarness.NAME,
                        0,
                        endpoints,
                        type == BalancerType.MAGLEV ? Optional.of(MaglevTable.of(endpoints)) : Optional.empty()));
    }

    // Opens so many streams that stay open, and counts where they went.
    private Map<String, Integer> spread(int requests) {
        Map<String, Integer> counts = new TreeMap<>();
        for (int i = 0; i < requests; i++) {
            counts.merge(harness.exchange().request.endpoint().name(), 1, Integer::sum);
        }
        return counts;
    }

    @Nested
    final class RoundRobinTest {
        @Test
        void followsTheWeightsExactlyOverEachRunOfTheirSum() {
            publish(BalancerType.ROUND_ROBIN, 5, 1, 1);

            for (int round = 0; round < 3; round++) {
                assertThat(spread(7))
                        .containsExactlyInAnyOrderEntriesOf(
                                Map.of("10.0.0.0:80", 5, "10.0.0.1:80", 1, "10.0.0.2:80", 1));
            }
        }

        @Test
        void spreadsTheTurnsOfAHeavyEndpoint() {
            publish(BalancerType.ROUND_ROBIN, 2, 1);
            int longest = 0;
            int run = 0;
            for (int i = 0; i < 30; i++) {
                run = harness.exchange().request.endpoint().weight() == 2 ? run + 1 : 0;
                longest = Math.max(longest, run);
            }

            assertThat(longest).isEqualTo(2);
        }

        @Test
        void givesNothingToWeightZero() {
            publish(BalancerType.ROUND_ROBIN, 1, 0);

            assertThat(spread(10)).containsOnlyKeys("10.0.0.0:80");
        }
    }

    @Nested
    final class LeastRequestsTest {
        @Test
        void evensTheLoadOut() {
            publish(BalancerType.LEAST_REQUESTS, 1, 1, 1, 1);

            assertThat(spread(400).values())
                    .allSatisfy(count -> assertThat(count).isBetween(90, 110));
        }

        @Test
        void loadsByWeight() {
            publish(BalancerType.LEAST_REQUESTS, 3, 1);

            assertThat(spread(400)).containsEntry("10.0.0.0:80", 300).containsEntry("10.0.0.1:80", 100);
        }

        @Test
        void looksOnlyAtEndpointsThatMayBeUsed() {
            publish(BalancerType.LEAST_REQUESTS, 0, 1, 0, 1, 0);

            assertThat(spread(100)).containsOnlyKeys("10.0.0.1:80", "10.0.0.3:80");
        }
    }

    @Nested
    final class EwmaTest {
        // Lets so many requests pass one after the other, each answered after a time that depends on its endpoint.
        private Map<String, Integer> passes(int requests, Map<String, Integer> millis) {
            Map<String, Integer> counts = new TreeMap<>();
            for (int i = 0; i < requests; i++) {
                FakeExchange exchange = harness.get();
                String name = exchange.request.endpoint().name();
                counts.merge(name, 1, Integer::sum);
                harness.loop().advance(Duration.ofMillis(millis.getOrDefault(name, 10)));
                harness.channel().deliver("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
            }
            return counts;
        }

        @Test
        void leavesASlowOneAlone() {
            publish(BalancerType.EWMA, 1, 1, 1, 1);

            Map<String, Integer> counts = passes(1000, Map.of("10.0.0.2:80", 200));

            // Drawn beside another in half of all choices, and chosen only to be measured.
            assertThat(counts.getOrDefault("10.0.0.2:80", 0)).isLessThan(20);
        }

        @Test
        void sharesByWeightWhereAllAreAsFast() {
            publish(BalancerType.EWMA, 3, 1);

            Map<String, Integer> counts = passes(4000, Map.of());

            assertThat(counts.get("10.0.0.0:80")).isBetween(2500, 3500);
        }

        @Test
        void triesAgainWhatIsSaidToBeSlow() {
            publish(BalancerType.EWMA, 1, 1);
            passes(200, Map.of("10.0.0.1:80", 200));

            // Sixty seconds later what it was then counts for nothing.
            Map<String, Integer> counts = passes(6000, Map.of());

            assertThat(counts.getOrDefault("10.0.0.1:80", 0)).isGreaterThan(500);
        }

        @Test
        void isNotTakenInByOneThatFailsAtOnce() {
            publish(BalancerType.EWMA, 1, 1);
            int failed = 0;
            for (int i = 0; i < 500; i++) {
                FakeExchange exchange = harness.get();
                boolean fails = exchange.request.endpoint().name().equals("10.0.0.1:80");
                failed += fails ? 1 : 0;
                harness.loop().advance(Duration.ofMillis(fails ? 0 : 10));
                harness.channel()
                        .deliver("HTTP/1.1 " + (fails ? "500 No" : "200 OK")
                                + "\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
            }

            assertThat(failed).isLessThan(25);
        }
    }

    @Nested
    final class MaglevTest {
        private String endpointOf(long hash) {
            FakeExchange exchange = new FakeExchange();
            exchange.request.hash(hash);
            harness.open(exchange, 0);
            return exchange.request.endpoint().name();
        }

        private Map<Long, String> all() {
            Map<Long, String> all = new TreeMap<>();
            for (long hash = 0; hash < 2000; hash++) {
                all.put(hash, endpointOf(hash * 0x9E3779B97F4A7C15L));
            }
            return all;
        }

        @Test
        void sendsOneKeyToOneEndpoint() {
            publish(BalancerType.MAGLEV, 1, 1, 1, 1);

            assertThat(all()).isEqualTo(all());
            assertThat(new TreeSet<>(all().values())).hasSize(4);
        }

        @Test
        void movesOnlyTheKeysOfAnEndpointThatTakesNothing() {
            publish(BalancerType.MAGLEV, 1, 1, 1, 1);
            Map<Long, String> before = all();
            harness.setHealth("10.0.0.2:80");
            Map<Long, String> meanwhile = all();
            harness.setHealth();

            assertThat(meanwhile).doesNotContainValue("10.0.0.2:80");
            Map<String, Integer> heirs = new TreeMap<>();
            before.forEach((hash, endpoint) -> {
                if (endpoint.equals("10.0.0.2:80")) {
                    heirs.merge(String.valueOf(meanwhile.get(hash)), 1, Integer::sum);
                } else {
                    assertThat(meanwhile).containsEntry(hash, endpoint);
                }
            });
            assertThat(heirs).hasSize(3);
            assertThat(heirs.values()).allSatisfy(count -> assertThat(count).isBetween(100, 240));
            assertThat(all()).isEqualTo(before);
        }

        @Test
        void sendsRequestsWithoutAKeyAnywhere() {
            publish(BalancerType.MAGLEV, 1, 1, 1, 1);

            assertThat(spread(4000).values())
                    .allSatisfy(count -> assertThat(count).isBetween(880, 1120));
        }
    }

    @Nested
    final class WhenSharesAreDrawn {
        // Pearson's test with 3 degrees of freedom; 16.27 is passed once in a thousand.
        private static final double CHI_SQUARE_MAX = 16.27;

        @Test
        void leastRequestsGoesByWeightAlsoWithoutLoad() {
            int[] weights = {1, 2, 3, 4};
            publish(BalancerType.LEAST_REQUESTS, weights);
            int requests = 20_000;
            int[] counts = new int[weights.length];
            for (int i = 0; i < requests; i++) {
                FakeExchange exchange = harness.get();
                counts[exchange.request.endpoint().weight() - 1]++;
                harness.channel().deliver("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
            }

            double chiSquare = 0;
            for (int i = 0; i < weights.length; i++) {
                double expected = requests * weights[i] / 10.0;
                chiSquare += (counts[i] - expected) * (counts[i] - expected) / expected;
            }
            assertThat(chiSquare).isLessThan(CHI_SQUARE_MAX);
        }

        @Test
        void aWarmingEndpointBeginsWithATenthAndGrows() {
            publish(BalancerType.ROUND_ROBIN, 1, 1);
            harness.warm("10.0.0.1:80", Duration.ofSeconds(10));
            assertThat(spread(110)).containsEntry("10.0.0.1:80", 10);

            harness.advance(Duration.ofSeconds(5));
            int half = spread(150).getOrDefault("10.0.0.1:80", 0);
            assertThat(half).isBetween(48, 52);

            harness.advance(Duration.ofSeconds(6));
            assertThat(spread(100)).containsEntry("10.0.0.1:80", 50);
        }
    }

    @Nested
    final class WhenSomeAreNearer {
        private EndpointSpec endpoint(String target, String zone, String region) {
            EndpointSpec plain = UpstreamHarness.endpoint(target);
            return new EndpointSpec(
                    plain.address(),
                    target,
                    target,
                    1,
                    Optional.of(zone),
                    Optional.of(region),
                    true,
                    false,
                    plain.seriesId());
        }

        private void publish(BalancerType type) {
            harness.publish(
                    UpstreamHarness.withPool(pool -> pool.max(100_000))
                            .balancer(type)
                            .locality(new LocalityConfig(Optional.of("a"), Optional.of("eu"), Share.parse("70%")))
                            .build(),
                    new EndpointSet(
                            UpstreamHarness.NAME,
                            0,
                            List.of(
                                    endpoint("10.0.0.0:80", "a", "eu"),
                                    endpoint("10.0.0.1:80", "a", "eu"),
                                    endpoint("10.0.0.2:80", "a", "eu"),
                                    endpoint("10.0.0.3:80", "a", "eu"),
                                    endpoint("10.0.1.0:80", "b", "eu"),
                                    endpoint("10.0.1.1:80", "b", "eu"),
                                    endpoint("10.0.2.0:80", "a", "us"))));
        }

        @Test
        void staysInItsZoneWhileEnoughIsLeftThere() {
            publish(BalancerType.ROUND_ROBIN);
            assertThat(spread(40))
                    .hasSize(4)
                    .allSatisfy((name, count) -> assertThat(name).startsWith("10.0.0."));

            harness.setHealth("10.0.0.3:80");
            assertThat(spread(300))
                    .hasSize(3)
                    .allSatisfy((name, count) -> assertThat(count).isEqualTo(100));
        }

        @Test
        void spillsOverAsMuchAsTheZoneCannotCarry() {
            for (BalancerType type :
                    List.of(BalancerType.ROUND_ROBIN, BalancerType.LEAST_REQUESTS, BalancerType.EWMA)) {
                publish(type);
                harness.setHealth("10.0.0.2:80", "10.0.0.3:80");

                Map<String, Integer> counts = spread(10_000);

                // Half of the zone, of which 70% would carry all.
                int near = counts.getOrDefault("10.0.0.0:80", 0) + counts.getOrDefault("10.0.0.1:80", 0);
                assertThat(near).isBetween(7000, 7290);
                assertThat(counts).doesNotContainKey("10.0.2.0:80");
                harness.setHealth();
            }
        }

        @Test
        void goesFartherOnlyWhenNobodyIsNear() {
            publish(BalancerType.LEAST_REQUESTS);
            harness.setHealth("10.0.0.0:80", "10.0.0.1:80", "10.0.0.2:80", "10.0.0.3:80");
            assertThat(spread(100)).containsOnlyKeys("10.0.1.0:80", "10.0.1.1:80");

            harness.setHealth("10.0.0.0:80", "10.0.0.1:80", "10.0.0.2:80", "10.0.0.3:80", "10.0.1.0:80", "10.0.1.1:80");
            assertThat(spread(100)).containsOnlyKeys("10.0.2.0:80");
        }

        @Test
        void triesFartherOnesOnceAllNearOnesWereTried() {
            publish(BalancerType.ROUND_ROBIN);
            OpenRequest request = new OpenRequest();
            for (int i = 0; i < 4; i++) {
                request.avoid(harness.upstream().endpoint(i));
            }
            harness.upstream().open(request, new FakeExchange());

            assertThat(request.endpoint().name()).startsWith("10.0.1.");
        }
    }

    @Test
    void choosesNoEndpointTwiceForOneRequest() {
        for (BalancerType type : BalancerType.values()) {
            publish(type, 1, 1, 1);
            OpenRequest request = new OpenRequest();
            Upstream upstream = harness.upstream();
            List<Endpoint> all = List.of(upstream.endpoint(0), upstream.endpoint(1), upstream.endpoint(2));
            all.subList(0, 2).forEach(request::avoid);
            FakeExchange exchange = new FakeExchange();
            upstream.open(request, exchange);

            assertThat(request.endpoint()).isSameAs(all.get(2));
            assertThat(upstream.hasUntried(request)).isTrue();
            request.cancel();
            request.avoid(all.get(2));
            assertThat(upstream.hasUntried(request)).isFalse();
        }
    }

    @Test
    void chanceIsTheSameForTheSameSeedAndCoversItsRange() {
        Chance a = new Chance(7);
        Chance b = new Chance(7);
        boolean[] seen = new boolean[10];
        for (int i = 0; i < 1000; i++) {
            int number = a.below(10);
            assertThat(number).isEqualTo(b.below(10)).isBetween(0, 9);
            seen[number] = true;
        }

        assertThat(seen).doesNotContain(false);
    }
}
