package io.penstock.upstream;

import io.penstock.config.BalancerType;
import io.penstock.config.HostHeader;
import io.penstock.config.RetryConfig;
import io.penstock.config.UpstreamTlsConfig;
import io.penstock.discovery.DnsAnswer;
import io.penstock.discovery.DnsLookup;
import io.penstock.discovery.EndpointSet;
import io.penstock.discovery.EndpointSpec;
import io.penstock.discovery.GrantCheck;
import io.penstock.limit.Circuit;
import io.penstock.mark.WorkerConfined;
import io.penstock.metrics.Reason;
import io.penstock.spi.Outbound;
import io.penstock.transport.Loop;
import io.penstock.transport.tls.ClientContext;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Requests that filters of one worker make of their own. Each origin is an upstream that no config knows: its endpoints are
 * what its name resolves to, and its connections are pooled, timed and counted like those of all others.
 *
 * <p>Names are looked up elsewhere and kept for their time to live, within bounds. Which of the addresses a request may
 * reach is asked each time, of two: of its own grant, since two filters may reach the same origin by different grants; and of
 * the backend grants, whatever their network, since an operator who closes what upstreams may reach closes it for filters too.
 * A name that comes to mean another address is therefore of no use, however it was granted.
 *
 * <p>Where TLS is spoken it is as with the targets of an upstream: by what the plan holds for the way that the filter names. An origin
 * spoken with in two ways is two, so that nobody is believed by another filter's authorities.
 */
@WorkerConfined
public final class OwnRequests implements Outbound {
    /** Requests of one worker that run at once. */
    static final int IN_FLIGHT_MAX = 2048;

    /** Origins of one worker whose connections are kept. */
    static final int ORIGINS_MAX = 256;

    /** Addresses of a name that are used. */
    static final int ADDRESSES_MAX = 8;

    /** Slots of the permit table that all of them take together. */
    public static final int PERMIT_SLOTS = 2;

    private static final int CONNECTIONS_MAX = 1024;
    private static final int PENDING_MAX = 8192;
    private static final long SECOND_NS = 1_000_000_000L;
    private static final long KEPT_MIN_NS = SECOND_NS;
    private static final long KEPT_MAX_NS = 60 * SECOND_NS;

    private final UpstreamWorker worker;
    private final DnsLookup dns;
    private final InstantSource clock;
    private final int connectionPermits;
    private final int pendingPermits;
    private final Map<OriginKey, Origin> origins = new LinkedHashMap<>(16, 0.75f, true);
    private final Set<OwnRequest> inFlight = new LinkedHashSet<>();
    private GrantCheck grants = GrantCheck.nothing();
    private Map<UpstreamTlsConfig, ClientContext> secured = Map.of();
    private Function<String, @Nullable Destination> services = service -> null;
    private boolean isStopped;

    OwnRequests(UpstreamWorker worker, DnsLookup dns, InstantSource clock) {
        this.worker = worker;
        this.dns = dns;
        this.clock = clock;
        // No upstream of a config has an at sign in its name.
        this.connectionPermits = worker.permits().slotOf("pool/@own");
        this.pendingPermits = worker.permits().slotOf("pending/@own");
    }

    private record OriginKey(String host, int port, Optional<UpstreamTlsConfig> tls) {
        String authority() {
            return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + port;
        }
    }

    /** What a name resolves to, and the connections there. */
    private static final class Origin {
        private final OriginKey key;
        private final Upstream upstream;
        private final List<OwnRequest> waiting = new ArrayList<>();
        private EndpointSet endpoints;
        private long freshUntilNs;
        private boolean isLookingUp;

        Origin(OriginKey key, Upstream upstream) {
            this.key = key;
            this.upstream = upstream;
            this.endpoints = upstream.spec().endpoints();
        }
    }

    @Override
    public Call send(Request request, Listener listener) {
        return begin(new OwnRequest(this, request, listener, OwnRequest.Kind.PLAIN));
    }

    @Override
    public Call sendRepeatable(Request request, Listener listener) {
        return begin(new OwnRequest(this, request, listener, new OwnRequest.Kind(true, "")));
    }

    @Override
    public Call sendTo(String service, Request request, Listener listener) {
        return begin(new OwnRequest(this, request, listener, new OwnRequest.Kind(false, service)));
    }

    private Call begin(OwnRequest call) {
        loop().post(call::begin);
        return call;
    }

    /** Says how services are found; once. */
    public void services(Function<String, @Nullable Destination> found) {
        services = found;
    }

    /** Where requests to a service go; null if it is not there. */
    @Nullable
    Destination destination(String service) {
        return services.apply(service);
    }

    /** Where requests to a service of the configuration go, and what they call it. */
    public record Destination(Upstream upstream, HostHeader host) {}

    /** Says what the operator lets this gateway reach, and how TLS is spoken. */
    void adopt(GrantCheck backendGrants, Map<UpstreamTlsConfig, ClientContext> tls) {
        grants = backendGrants;
        Map<UpstreamTlsConfig, ClientContext> before = secured;
        secured = tls;
        if (!tls.equals(before)) {
            List.copyOf(origins.values()).forEach(this::secure);
        }
    }

    // Whom to believe may have changed: what is spoken from now on is spoken so, also with whom it was spoken before.
    private void secure(Origin origin) {
        if (origin.key.tls().isEmpty()) {
            return;
        }
        ClientContext now = secured.get(origin.key.tls().get());
        if (now == null) {
            // Requests that are under way there end as they began.
            origins.remove(origin.key);
            origin.upstream.remove();
        } else if (now != origin.upstream.spec().tls()) {
            origin.upstream.adopt(spec(origin.key.authority(), origin.endpoints, now));
        }
    }

    /** Whether a backend grant covers an address now. */
    boolean isGranted(InetSocketAddress address) {
        return grants.allows(address, clock.instant());
    }

    Loop loop() {
        return worker.loop();
    }

    /** Counts a request in. @return false if there are too many */
    boolean tryBegin(OwnRequest call) {
        return !isStopped && inFlight.size() < IN_FLIGHT_MAX && inFlight.add(call);
    }

    void ended(OwnRequest call) {
        inFlight.remove(call);
    }

    /** Calls {@link OwnRequest#resolved} as soon as something is known of its origin; perhaps at once. */
    void resolve(OwnRequest call, String host, int port, Optional<UpstreamTlsConfig> tls) {
        OriginKey key = new OriginKey(host, port, tls);
        ClientContext context = tls.isEmpty() ? null : secured.get(tls.get());
        if (tls.isPresent() && context == null) {
            call.failed(Reason.UPSTREAM_TLS_FAILED, "the configuration served does not say how TLS is spoken there");
            return;
        }
        Origin origin = origin(key, context);
        if (loop().nowNs() < origin.freshUntilNs) {
            call.resolved(origin.upstream);
            return;
        }
        origin.waiting.add(call);
        if (!origin.isLookingUp) {
            origin.isLookingUp = true;
            dns.lookup(host).whenComplete((answer, failure) -> loop().post(() -> answered(origin, answer, failure)));
        }
    }

    private Origin origin(OriginKey key, @Nullable ClientContext tls) {
        Origin known = origins.get(key);
        if (known != null) {
            return known;
        }
        if (origins.size() >= ORIGINS_MAX) {
            Iterator<Origin> eldest = origins.values().iterator();
            eldest.next().upstream.remove();
            eldest.remove();
        }
        EndpointSet none = new EndpointSet(key.authority(), -1, List.of());
        Origin origin = new Origin(key, new Upstream(worker, spec(key.authority(), none, tls)));
        origins.put(key, origin);
        return origin;
    }

    private UpstreamSpec spec(String name, EndpointSet endpoints, @Nullable ClientContext tls) {
        return new UpstreamSpec(
                -1,
                name,
                BalancerType.LEAST_REQUESTS,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                false,
                false,
                endpoints,
                new UpstreamSpec.Timeouts(5 * SECOND_NS, 60 * SECOND_NS, 60 * SECOND_NS),
                new UpstreamSpec.Pool(
                        CONNECTIONS_MAX,
                        connectionPermits,
                        PENDING_MAX,
                        pendingPermits,
                        10 * SECOND_NS,
                        30 * SECOND_NS,
                        Long.MAX_VALUE,
                        Integer.MAX_VALUE),
                UpstreamSpec.Retries.compile(RetryConfig.DEFAULTS),
                false,
                UpstreamSpec.Bounds.NONE,
                new Circuit(),
                tls);
    }

    private void answered(Origin origin, @Nullable DnsAnswer answer, @Nullable Throwable failure) {
        origin.isLookingUp = false;
        if (answer != null) {
            origin.endpoints = endpoints(origin, answer);
            origin.upstream.update(origin.endpoints);
            long ttlNs = Math.min(answer.ttl().toSeconds(), KEPT_MAX_NS / SECOND_NS) * SECOND_NS;
            origin.freshUntilNs = loop().nowNs() + Math.max(KEPT_MIN_NS, ttlNs);
        }
        List<OwnRequest> waiting = List.copyOf(origin.waiting);
        origin.waiting.clear();
        for (OwnRequest call : waiting) {
            if (answer == null && origin.upstream.endpointCount() == 0) {
                call.failed(Reason.NO_ENDPOINT, "\"" + origin.key.host() + "\" does not resolve: " + why(failure));
            } else {
                call.resolved(origin.upstream);
            }
        }
    }

    private static String why(@Nullable Throwable failure) {
        Throwable cause = failure == null || failure.getCause() == null ? failure : failure.getCause();
        return cause == null ? "there is no address" : String.valueOf(cause.getMessage());
    }

    private static EndpointSet endpoints(Origin origin, DnsAnswer answer) {
        List<EndpointSpec> specs = new ArrayList<>();
        for (InetAddress address : answer.addresses()) {
            InetSocketAddress at = new InetSocketAddress(address, origin.key.port());
            boolean isNew = specs.stream().noneMatch(spec -> spec.address().equals(at));
            if (isNew && specs.size() < ADDRESSES_MAX) {
                String authority = origin.key.authority();
                specs.add(new EndpointSpec(
                        at, authority, authority, 1, Optional.empty(), Optional.empty(), true, false, -1));
            }
        }
        return new EndpointSet(origin.upstream.name(), -1, specs);
    }

    /** Closes idle connections; the worker keeps none from now on. */
    public void drain() {
        origins.values().forEach(origin -> origin.upstream.closeIdle());
    }

    /** Gives up whatever runs; nobody hears of it. */
    public void stop() {
        isStopped = true;
        List.copyOf(inFlight).forEach(OwnRequest::cancel);
        drain();
    }
}
