package io.penstock.engine;

import io.penstock.config.NamedMap;
import io.penstock.config.ProxyConfig;
import io.penstock.discovery.EndpointDirectory;
import io.penstock.limit.PermitTable;
import io.penstock.upstream.UpstreamPlan;
import java.util.ArrayList;
import java.util.List;

/** Makes the plan of upstreams of the next revision from that of the present one. Control thread. */
final class UpstreamPlanner {
    private final EndpointDirectory endpoints;
    private final PermitTable permits;

    UpstreamPlanner(EndpointDirectory endpoints, PermitTable permits) {
        this.endpoints = endpoints;
        this.permits = permits;
    }

    UpstreamPlan plan(UpstreamPlan present, ProxyConfig before, ProxyConfig after) {
        UpstreamPlan.Edit edit = present.edit();
        NamedMap.diff(before.upstreams(), after.upstreams(), (name, old, next) -> {
            if (next == null) {
                edit.remove(name);
            } else {
                edit.put(next, endpoints.endpointsOf(next, after), permits);
            }
        });
        return edit.done();
    }

    /** The upstreams that are gone count nothing any more. Their slots are used again once their last permit is back. */
    void accepted(ProxyConfig before, ProxyConfig after) {
        retire(gone(before, after));
    }

    /** The change was given up: what it would have added counts nothing. */
    void discarded(ProxyConfig before, ProxyConfig after) {
        retire(gone(after, before));
    }

    private void retire(List<String> names) {
        for (String name : names) {
            UpstreamPlan.retire(name, permits);
        }
    }

    private static List<String> gone(ProxyConfig from, ProxyConfig to) {
        List<String> gone = new ArrayList<>();
        NamedMap.diff(from.upstreams(), to.upstreams(), (name, old, next) -> {
            if (next == null) {
                gone.add(name);
            }
        });
        return gone;
    }
}
