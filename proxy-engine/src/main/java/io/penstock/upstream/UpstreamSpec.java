package io.penstock.upstream;

import io.penstock.config.BalancerType;
import io.penstock.config.CircuitConfig;
import io.penstock.config.HashKey;
import io.penstock.config.LocalityConfig;
import io.penstock.config.ProxyVersion;
import io.penstock.config.RecordDefaults;
import io.penstock.config.RetryConfig;
import io.penstock.config.StickyConfig;
import io.penstock.config.UpstreamConfig;
import io.penstock.config.UpstreamProtocol;
import io.penstock.discovery.EndpointSet;
import io.penstock.limit.AdaptivePlan;
import io.penstock.limit.BreakerPlan;
import io.penstock.limit.Circuit;
import io.penstock.limit.RetryBudget;
import io.penstock.limit.RetryPlan;
import io.penstock.mark.SharedByWorkers;
import io.penstock.transport.tls.ClientContext;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One upstream compiled: what every worker needs to know of it. Immutable; the same object stands in every
 * {@link UpstreamPlan} until the upstream changes.
 *
 * @param id never used for another upstream while this process lives
 * @param hashKey what the balancer hashes; empty if it hashes nothing
 * @param sticky the cookie that the balancer goes by; empty if it goes by none
 * @param locality where this gateway is; empty if all endpoints are as near
 * @param proxyProtocol how each connection tells who is behind it; empty if it does not
 * @param isMultiplexed whether connections carry many streams
 * @param isChosenByEndpoint whether only those do whose endpoints choose HTTP/2 when they are made
 * @param endpoints as they stood when the plan was made; later ones come by {@link Upstreams#update}
 * @param timeouts how long each phase may take
 * @param pool the bounds of its connections
 * @param retries when a request is sent again
 * @param reportsOutcomes whether the control thread wants to know what becomes of requests
 * @param bounds how much is asked of it at once, and when nothing is
 * @param circuit what all workers share about it
 * @param tls how TLS is spoken with its endpoints; null for clear text
 */
@SharedByWorkers
public record UpstreamSpec(
        int id,
        String name,
        BalancerType balancer,
        Optional<HashKey> hashKey,
        Optional<StickyConfig> sticky,
        Optional<LocalityConfig> locality,
        Optional<ProxyVersion> proxyProtocol,
        boolean isMultiplexed,
        boolean isChosenByEndpoint,
        EndpointSet endpoints,
        Timeouts timeouts,
        Pool pool,
        Retries retries,
        boolean reportsOutcomes,
        Bounds bounds,
        Circuit circuit,
        @Nullable ClientContext tls) {
    private static final StickyConfig STICKY = RecordDefaults.of(StickyConfig.class);

    /**
     * How long each phase may take, in nanoseconds.
     *
     * @param connectNs to make a connection
     * @param firstByteNs from the request's last byte to the answer's first
     * @param idleNs without progress, in either direction, where the endpoint is the one to make it
     */
    public record Timeouts(long connectNs, long firstByteNs, long idleNs) {}

    /**
     * The bounds of an upstream's connections.
     *
     * @param connectionsMax over all endpoints and workers
     * @param connectionPermits the slot of {@code PermitTable} that counts connections
     * @param pendingMax requests that may wait for a connection, over all workers
     * @param pendingPermits the slot of {@code PermitTable} that counts waiting requests
     * @param pendingTimeoutNs how long a request waits at most
     * @param idleTimeoutNs how long a connection is kept without use
     * @param ageMaxNs how old a connection may become, {@link Long#MAX_VALUE} for any age
     * @param requestsMax how many requests a connection may carry, {@link Integer#MAX_VALUE} for any number
     */
    public record Pool(
            int connectionsMax,
            int connectionPermits,
            int pendingMax,
            int pendingPermits,
            long pendingTimeoutNs,
            long idleTimeoutNs,
            long ageMaxNs,
            int requestsMax) {}

    /**
     * When a request is sent again.
     *
     * @param plan what its routes may say otherwise
     * @param budgetUnits what a request earns of a further try, in units of {@link RetryBudget#TRY_UNITS}
     * @param minPerSecond further tries in each second that need not be earned
     * @param backoffBaseNs the longest first pause before an endpoint is tried again
     * @param backoffMaxNs the longest pause
     * @param honoursRetryAfter whether an endpoint that asks for it is left alone
     * @param bufferBytes how much of a request body is kept for sending it again
     */
    public record Retries(
            RetryPlan plan,
            int budgetUnits,
            int minPerSecond,
            long backoffBaseNs,
            long backoffMaxNs,
            boolean honoursRetryAfter,
            int bufferBytes) {
        static Retries compile(RetryConfig config) {
            return new Retries(
                    RetryPlan.of(config),
                    config.budget().basisPoints() * (RetryBudget.TRY_UNITS / 10_000),
                    config.minPerSecond(),
                    config.backoff().base().toNanos(),
                    config.backoff().max().toNanos(),
                    config.honourRetryAfter(),
                    (int) config.bufferBytes().bytes());
        }
    }

    /**
     * How much is asked of an upstream at once, over all workers, and when nothing is.
     *
     * @param requestsMax requests under way, {@link Long#MAX_VALUE} for any number
     * @param furtherTriesMax tries after the first under way, {@link Long#MAX_VALUE} for any number
     * @param adaptive within which bounds the number of requests under way is learned; null where it is not
     * @param breaker when tries are refused; null for never
     */
    public record Bounds(
            long requestsMax,
            long furtherTriesMax,
            @Nullable AdaptivePlan adaptive,
            @Nullable BreakerPlan breaker) {
        /** No bound at all. */
        static final Bounds NONE = new Bounds(Long.MAX_VALUE, Long.MAX_VALUE, null, null);

        static Bounds compile(CircuitConfig config) {
            return new Bounds(
                    config.requests().map(max -> (long) max).orElse(Long.MAX_VALUE),
                    config.retries().map(max -> (long) max).orElse(Long.MAX_VALUE),
                    config.adaptive().map(AdaptivePlan::of).orElse(null),
                    config.breaker().map(BreakerPlan::of).orElse(null));
        }
    }

    /**
     * Compiles what the operator wrote.
     *
     * @param connectionPermits see {@link Pool}
     * @param pendingPermits see {@link Pool}
     */
    static UpstreamSpec compile(
            int id,
            UpstreamConfig config,
            EndpointSet endpoints,
            int connectionPermits,
            int pendingPermits,
            Circuit circuit,
            @Nullable ClientContext tls) {
        return new UpstreamSpec(
                id,
                config.name(),
                config.balancer(),
                config.balancer() == BalancerType.MAGLEV
                        ? Optional.of(config.hashKey().orElse(HashKey.CLIENT_ADDRESS))
                        : Optional.empty(),
                config.balancer() == BalancerType.STICKY
                        ? Optional.of(config.sticky().orElse(STICKY))
                        : Optional.empty(),
                config.locality(),
                config.proxyProtocol(),
                config.protocol() == UpstreamProtocol.HTTP2
                        || (config.protocol() == UpstreamProtocol.AUTO && tls != null),
                config.protocol() == UpstreamProtocol.AUTO && tls != null,
                endpoints,
                new Timeouts(
                        config.timeouts().connect().toNanos(),
                        config.timeouts().firstByte().toNanos(),
                        config.timeouts().idle().toNanos()),
                new Pool(
                        config.pool().max(),
                        connectionPermits,
                        config.pool().pending(),
                        pendingPermits,
                        config.pool().pendingTimeout().toNanos(),
                        config.pool().idleTimeout().toNanos(),
                        config.pool().maxAge().map(age -> age.toNanos()).orElse(Long.MAX_VALUE),
                        config.pool().requestsMax().orElse(Integer.MAX_VALUE)),
                Retries.compile(config.retries()),
                config.health().passive().isPresent(),
                Bounds.compile(config.circuit()),
                circuit,
                tls);
    }
}
