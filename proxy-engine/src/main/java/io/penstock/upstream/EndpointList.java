package io.penstock.upstream;

import io.penstock.discovery.EndpointSpec;
import io.penstock.mark.WorkerConfined;
import io.penstock.metrics.Reason;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The endpoints of one upstream on one worker: which there are, and what can be asked of all of them. */
@WorkerConfined
final class EndpointList {
    private static final Endpoint[] NO_ENDPOINTS = new Endpoint[0];

    private final Upstream upstream;
    private Endpoint[] endpoints = NO_ENDPOINTS;

    EndpointList(Upstream upstream) {
        this.upstream = upstream;
    }

    /** By index, until the next {@link #update}; not to be written to. */
    Endpoint[] array() {
        return endpoints;
    }

    int count() {
        return endpoints.length;
    }

    /** Takes other endpoints: those that stay keep their connections and load. @return whether anything is other than before */
    boolean update(List<EndpointSpec> specs) {
        Map<InetSocketAddress, Endpoint> before = new HashMap<>();
        for (Endpoint endpoint : endpoints) {
            before.put(endpoint.address(), endpoint);
        }
        Endpoint[] after = new Endpoint[specs.size()];
        boolean isSame = after.length == endpoints.length;
        for (int i = 0; i < after.length; i++) {
            EndpointSpec wanted = specs.get(i);
            Endpoint kept = before.remove(wanted.address());
            isSame = isSame && kept == endpoints[i] && kept.spec().equals(wanted);
            if (kept == null) {
                after[i] = new Endpoint(upstream, wanted);
            } else {
                after[i] = kept;
                kept.update(wanted);
            }
        }
        if (!isSame) {
            endpoints = after;
            before.values().forEach(Endpoint::remove);
        }
        return !isSame;
    }

    void removeAll() {
        for (Endpoint endpoint : endpoints) {
            endpoint.remove();
        }
    }

    /** Whether there is one that the request may use and has not tried. */
    boolean hasUntried(OpenRequest request) {
        for (Endpoint endpoint : endpoints) {
            if (endpoint.mayTake(request)) {
                return true;
            }
        }
        return false;
    }

    /** Why none may be used. A drain is what an operator did last and undoes first; a grant that is missing comes next. */
    Reason whyNone(OpenRequest request) {
        Reason reason = Reason.NO_ENDPOINT;
        for (Endpoint endpoint : endpoints) {
            if (!request.hasTried(endpoint)) {
                if (endpoint.isHeldBackByDrain()) {
                    return Reason.ENDPOINTS_DRAINING;
                }
                if (!endpoint.isGranted()) {
                    reason = Reason.ENDPOINT_NOT_GRANTED;
                }
            }
        }
        return reason;
    }

    // Null if there is none; on the request path, so no Optional.
    @Nullable
    Http1UpstreamConnection tryTakeIdle(OpenRequest request, long nowNs) {
        for (Endpoint endpoint : endpoints) {
            if (endpoint.mayTake(request)) {
                Http1UpstreamConnection idle = endpoint.pool().tryTake(nowNs);
                if (idle != null) {
                    return idle;
                }
            }
        }
        return null;
    }

    void closeIdle() {
        for (Endpoint endpoint : endpoints) {
            endpoint.pool().closeAll();
        }
    }

    void closeOldestIdle(long count) {
        long left = count;
        for (int i = 0; i < endpoints.length && left > 0; i++) {
            left -= endpoints[i].pool().closeOldest(left);
        }
    }
}
