package io.penstock.upstream;

import io.penstock.config.BalancerType;
import io.penstock.http.RequestHead;
import io.penstock.http.ResponseHead;
import io.penstock.mark.WorkerConfined;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Which endpoint of one upstream takes a request on one worker: the one that a filter prefers, or that the client's cookie
 * says, else one of the balancer's choice among those that are near.
 */
@WorkerConfined
final class EndpointChoice {
    private final UpstreamWorker worker;
    private final EndpointList endpoints;
    private final Balancer[] balancers = new Balancer[Nearness.LEVELS];
    private final Nearness nearness = new Nearness();
    private UpstreamSpec spec;

    /** Null where the balancer goes by no cookie. */
    private @Nullable StickyCookie sticky;

    /** The name of what is hashed, in bytes. */
    private byte[] hashName = new byte[0];

    EndpointChoice(UpstreamWorker worker, EndpointList endpoints, UpstreamSpec spec) {
        this.worker = worker;
        this.endpoints = endpoints;
        this.spec = spec;
        begin();
    }

    /** Goes by another spec from now on; {@link #settle} must follow. */
    void adopt(UpstreamSpec next) {
        boolean isOther = next.balancer() != spec.balancer()
                || !next.hashKey().equals(spec.hashKey())
                || !next.sticky().equals(spec.sticky());
        spec = next;
        if (isOther) {
            begin();
        }
    }

    private void begin() {
        for (int level = 0; level < balancers.length; level++) {
            balancers[level] = balancerOf(spec.balancer());
        }
        sticky = spec.sticky().map(StickyCookie::new).orElse(null);
        hashName = spec.hashKey()
                .map(key -> key.name().getBytes(StandardCharsets.ISO_8859_1))
                .orElse(new byte[0]);
    }

    private Balancer balancerOf(BalancerType type) {
        return switch (type) {
            case ROUND_ROBIN -> new RoundRobin(worker.chance());
            case LEAST_REQUESTS, STICKY -> new LeastRequests(worker.chance());
            case EWMA -> new Ewma(worker);
            case MAGLEV -> new Maglev(worker.chance());
        };
    }

    /** Works out anew which endpoints take requests. @return whether the share of some still grows */
    boolean settle(long nowNs) {
        boolean isGrowing = endpoints.settle(nowNs);
        // A key has its endpoint, wherever that is.
        nearness.settle(hashes() ? null : spec.locality().orElse(null), endpoints);
        for (int level = 0; level < nearness.levels(); level++) {
            balancers[level].endpointsChanged(nearness.usable(level), endpoints);
        }
        return isGrowing;
    }

    /** Works out the shares of those that take requests anew. @return whether some still grows */
    boolean grow(long nowNs) {
        boolean isGrowing = endpoints.settle(nowNs);
        for (int level = 0; level < nearness.levels(); level++) {
            balancers[level].weightsChanged(nearness.usable(level));
        }
        return isGrowing;
    }

    // Null if there is none; on the request path, so no Optional.
    @Nullable
    Endpoint choose(OpenRequest request) {
        Endpoint preferred = request.preferred();
        if (preferred != null && preferred.mayTake(request) && endpoints.indexOf(preferred) >= 0) {
            return preferred;
        }
        Endpoint stuckTo = request.stuckTo();
        if (stuckTo != null && stuckTo.mayTake(request) && !stuckTo.isRemoved()) {
            return stuckTo;
        }
        int first = nearness.draw(worker.chance());
        Endpoint chosen = balancers[first].choose(nearness.usable(first), request);
        // All of them tried: the nearest that was not.
        for (int level = 0; chosen == null && level < nearness.levels(); level++) {
            chosen = balancers[level].choose(nearness.usable(level), request);
        }
        return chosen;
    }

    /** Whether the balancer goes by the hash of a key. */
    boolean hashes() {
        return spec.hashKey().isPresent();
    }

    /** Hashes a key that a filter gave for a request. */
    void hash(OpenRequest request, String key) {
        worker.hash().of(key);
        request.hash(worker.hash().value());
    }

    /** Reads out of a request what the balancer goes by: the key that it hashes, or its cookie. */
    void aim(OpenRequest request, RequestHead head, byte[] clientAddress) {
        StickyCookie cookie = sticky;
        if (cookie != null) {
            cookie.aim(request, head, endpoints.usable());
        }
        if (hashes() && worker.hash().of(spec.hashKey().get(), hashName, head, clientAddress)) {
            request.hash(worker.hash().value());
        }
    }

    /** Tells the client by the head of its answer where it belongs, where the balancer goes by a cookie. */
    void answered(OpenRequest request, ResponseHead head) {
        StickyCookie cookie = sticky;
        if (cookie != null) {
            cookie.answered(request, request.endpoint(), head);
        }
    }
}
