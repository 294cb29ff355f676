package io.penstock.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.penstock.config.BalancerType;
import io.penstock.config.HashKey;
import io.penstock.config.LocalityConfig;
import io.penstock.config.Share;
import io.penstock.config.UpstreamConfig;
import io.penstock.discovery.EndpointSet;
import io.penstock.discovery.EndpointSpec;
import io.penstock.discovery.MaglevTable;
import io.penstock.http.RequestHead;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** An endpoint is chosen without a new object, whichever the balancer. */
final class BalancerAllocationTest {
    private static final int CHOICES = 50_000;
    private static final int ROUNDS = 6;

    private final UpstreamHarness harness = new UpstreamHarness(1);
    private final OpenRequest request = new OpenRequest();
    private final RequestHead head = UpstreamHarness.head(
            "GET /p?user=a%20b HTTP/1.1\r\nHost: a\r\nCookie: a=b; sid=c; penstock-target=0123456789abcdef\r\n\r\n");
    private final byte[] address = new byte[16];

    private EndpointChoice choice(BalancerType type) {
        List<EndpointSpec> endpoints = IntStream.range(0, 8)
                .mapToObj(i -> UpstreamHarness.endpoint("10.0.0." + i + ":80", 1 + i % 3, true))
                .toList();
        UpstreamConfig.Builder upstream = UpstreamConfig.named(UpstreamHarness.NAME)
                .balancer(type)
                .locality(new LocalityConfig(Optional.of("a"), Optional.empty(), Share.parse("70%")));
        harness.publish(
                (type == BalancerType.MAGLEV ? upstream.hashKey(HashKey.parse("cookie:sid")) : upstream).build(),
                new EndpointSet(
                        UpstreamHarness.NAME,
                        0,
                        endpoints,
                        type == BalancerType.MAGLEV ? Optional.of(MaglevTable.of(endpoints)) : Optional.empty()));
        Upstream web = harness.upstream();
        EndpointList list = new EndpointList(web);
        list.update(web.spec().endpoints());
        EndpointChoice choice = new EndpointChoice(web.worker(), list, web.spec());
        choice.settle(harness.loop().nowNs());
        return choice;
    }

    @ParameterizedTest
    @EnumSource(BalancerType.class)
    void choosesWithoutAllocating(BalancerType type) {
        EndpointChoice choice = choice(type);
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        // The first rounds warm up. Of the others the best counts: a compiler at work allocates on this thread too.
        long least = Long.MAX_VALUE;
        int chosen = 0;
        for (int round = 0; round < ROUNDS; round++) {
            long before = threads.getCurrentThreadAllocatedBytes();
            for (int i = 0; i < CHOICES; i++) {
                choice.aim(request, head, address);
                chosen += choice.choose(request) == null ? 0 : 1;
                request.clear();
            }
            least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
        }

        assertThat(chosen).isEqualTo(ROUNDS * CHOICES);
        assertThat((double) least / CHOICES).as("bytes per choice").isLessThan(0.1);
    }
}
