package io.penstock.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.config.BalancerType;
import io.penstock.config.UpstreamConfig;
import io.penstock.discovery.EndpointSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

final class BalancerTest {
    private final UpstreamHarness harness = new UpstreamHarness(1);

    private void publish(BalancerType type, int... weights) {
        harness.publish(
                UpstreamConfig.named(UpstreamHarness.NAME).balancer(type).build(),
                new EndpointSet(
                        UpstreamHarness.NAME,
                        0,
                        IntStream.range(0, weights.length)
                                .mapToObj(i -> UpstreamHarness.endpoint("10.0.0." + i + ":80", weights[i], true))
                                .toList()));
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
