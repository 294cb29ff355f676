package io.penstock.upstream;

import io.penstock.discovery.EndpointHealth;
import io.penstock.discovery.EndpointSet;
import io.penstock.discovery.EndpointSpec;
import io.penstock.discovery.MaglevTable;
import io.penstock.discovery.UpstreamHealth;
import io.penstock.http.AddressText;
import io.penstock.mark.WorkerConfined;
import io.penstock.metrics.Reason;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The endpoints of one upstream on one worker: which there are, and what can be asked of all of them. */
@WorkerConfined
final class EndpointList {
    private static final Endpoint[] NO_ENDPOINTS = new Endpoint[0];

    private final Upstream upstream;
    private Endpoint[] endpoints = NO_ENDPOINTS;
    private Endpoint[] usable = NO_ENDPOINTS;
    private UpstreamHealth health;
    private @Nullable MaglevTable maglev;

    EndpointList(Upstream upstream) {
        this.upstream = upstream;
        this.health = UpstreamHealth.good("");
    }

    /** Those that take requests, until the next {@link #settle}; not to be written to. */
    Endpoint[] usable() {
        return usable;
    }

    /** Takes what is known of their health; {@link #settle} must follow. */
    void health(UpstreamHealth next) {
        health = next;
        Map<InetSocketAddress, EndpointHealth> exceptions = new HashMap<>();
        next.exceptions().forEach(exception -> exceptions.put(exception.address(), exception));
        for (Endpoint endpoint : endpoints) {
            EndpointHealth exception = exceptions.get(endpoint.address());
            if (exception == null) {
                endpoint.health(true, false, 0);
            } else {
                endpoint.health(exception.takesRequests(), exception.isWarming(), exception.warmingSinceNs());
            }
        }
    }

    /** Works out which take requests, and their shares. @return whether some share still grows */
    boolean settle(long nowNs) {
        int count = 0;
        boolean isGrowing = false;
        for (Endpoint endpoint : endpoints) {
            isGrowing |= endpoint.settle(nowNs, health.slowStartNs());
            count += endpoint.isUsable() ? 1 : 0;
        }
        Endpoint[] now = new Endpoint[count];
        int at = 0;
        for (Endpoint endpoint : endpoints) {
            if (endpoint.isUsable()) {
                now[at++] = endpoint;
            }
        }
        usable = now;
        return isGrowing;
    }

    // Null where nobody hashes.
    @Nullable
    MaglevTable maglev() {
        return maglev;
    }

    /** By index, until the next {@link #update}; not to be written to. */
    Endpoint[] array() {
        return endpoints;
    }

    int count() {
        return endpoints.length;
    }

    int indexOf(Endpoint endpoint) {
        for (int i = 0; i < endpoints.length; i++) {
            if (endpoints[i] == endpoint) {
                return i;
            }
        }
        return -1;
    }

    @Nullable
    Endpoint find(String addressOrName) {
        InetSocketAddress address = addressOf(addressOrName);
        for (Endpoint endpoint : endpoints) {
            boolean isIt = endpoint.address().equals(address)
                    || endpoint.authority().equals(addressOrName)
                    || endpoint.name().equals(addressOrName);
            if (isIt) {
                return endpoint;
            }
        }
        return null;
    }

    private static @Nullable InetSocketAddress addressOf(String text) {
        int colon = text.lastIndexOf(':');
        String host = colon < 0 ? "" : text.substring(0, colon).replaceAll("^\\[|]$", "");
        byte[] bytes = host.getBytes(StandardCharsets.ISO_8859_1);
        byte[] address = new byte[AddressText.BYTES];
        try {
            return AddressText.parse(bytes, 0, bytes.length, address)
                    ? new InetSocketAddress(
                            InetAddress.getByAddress(address), Integer.parseInt(text.substring(colon + 1)))
                    : null;
        } catch (UnknownHostException | IllegalArgumentException noAddress) {
            return null;
        }
    }

    /** Takes other endpoints: those that stay keep their connections and load. @return whether anything is other than before */
    boolean update(EndpointSet next) {
        List<EndpointSpec> specs = next.endpoints();
        MaglevTable table = next.maglev().orElse(null);
        Map<InetSocketAddress, Endpoint> before = new HashMap<>();
        for (Endpoint endpoint : endpoints) {
            before.put(endpoint.address(), endpoint);
        }
        Endpoint[] after = new Endpoint[specs.size()];
        boolean isSame = after.length == endpoints.length && Objects.equals(table, maglev);
        maglev = table;
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
            health(health);
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

    /**
     * Why none may be used. A drain is what an operator did last and undoes first; bad health comes next, and then a grant
     * that is missing.
     */
    Reason whyNone(OpenRequest request) {
        Reason reason = Reason.NO_ENDPOINT;
        for (Endpoint endpoint : endpoints) {
            if (!request.hasTried(endpoint)) {
                if (endpoint.isHeldBackByDrain()) {
                    return Reason.ENDPOINTS_DRAINING;
                }
                if (endpoint.isHeldBackByHealth()) {
                    reason = Reason.NO_HEALTHY_ENDPOINT;
                }
                if (!endpoint.isGranted() && reason == Reason.NO_ENDPOINT) {
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
            endpoint.multiplexed().closeIdle(Long.MAX_VALUE);
        }
    }

    void retireConnections() {
        for (Endpoint endpoint : endpoints) {
            endpoint.pool().closeAll();
            endpoint.multiplexed().retireAll();
        }
    }

    void closeOldestIdle(long count) {
        long left = count;
        for (int i = 0; i < endpoints.length && left > 0; i++) {
            left -= endpoints[i].pool().closeOldest(left);
            left -= endpoints[i].multiplexed().closeIdle(left);
        }
    }
}
