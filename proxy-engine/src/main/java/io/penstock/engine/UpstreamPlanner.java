package io.penstock.engine;

import io.penstock.config.ConfigProblem;
import io.penstock.config.ConfigWarning;
import io.penstock.config.ListenerConfig;
import io.penstock.config.NamedMap;
import io.penstock.config.NodeLocality;
import io.penstock.config.ProxyConfig;
import io.penstock.config.ResourceRef;
import io.penstock.config.ResourceType;
import io.penstock.config.UpstreamConfig;
import io.penstock.discovery.EndpointDirectory;
import io.penstock.discovery.GrantCheck;
import io.penstock.limit.Circuits;
import io.penstock.limit.PermitTable;
import io.penstock.upstream.OwnRequests;
import io.penstock.upstream.UpstreamPlan;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Makes the plan of upstreams of the next revision from that of the present one. Control thread. */
final class UpstreamPlanner {
    private final EndpointDirectory endpoints;
    private final PermitTable permits;
    private final Circuits circuits;
    private final NodeLocality here;
    private final UpstreamTls tls;

    UpstreamPlanner(
            EndpointDirectory endpoints, PermitTable permits, Circuits circuits, NodeLocality here, UpstreamTls tls) {
        this.tls = tls;
        this.endpoints = endpoints;
        this.permits = permits;
        this.circuits = circuits;
        this.here = here;
    }

    /** Makes what is needed to speak TLS with upstreams; before {@link #plan}. @return what does not work */
    List<ConfigProblem> secure(ProxyConfig before, ProxyConfig after) {
        return tls.compile(before, after);
    }

    /** The plan is in force. */
    void accepted() {
        tls.accept();
    }

    UpstreamPlan plan(UpstreamPlan present, ProxyConfig before, ProxyConfig after) {
        UpstreamPlan.Edit edit = present.edit();
        NamedMap.diff(before.upstreams(), after.upstreams(), (name, old, next) -> {
            if (next == null) {
                edit.remove(name);
            } else {
                put(edit, next, after);
            }
        });
        for (String name : tls.changed()) {
            after.upstreams().find(name).ifPresent(upstream -> put(edit, upstream, after));
        }
        edit.ownGrants(GrantCheck.ofAny(after.backendGrants()));
        edit.ownTls(tls.draftedOwn());
        return edit.done();
    }

    private void put(UpstreamPlan.Edit edit, UpstreamConfig upstream, ProxyConfig config) {
        edit.put(
                here.applied(upstream),
                endpoints.endpointsOf(upstream, config),
                permits,
                circuits,
                tls.drafted(upstream.name()));
    }

    /** Whether what the change adds finds no room for its permits, and the way out. */
    Optional<ConfigProblem> noRoom(ProxyConfig before, ProxyConfig after) {
        int wanted =
                UpstreamPlan.PERMIT_SLOTS * gone(after, before).size() + count(before.listeners(), after.listeners());
        int room = permits.room();
        return wanted <= room
                ? Optional.empty()
                : Optional.of(new ConfigProblem(
                        ResourceRef.DEFAULTS,
                        "",
                        "permit-table-full",
                        "the new listeners and upstreams need " + wanted + " counters of permits, " + room + " of "
                                + (permits.slots() - OwnRequests.PERMIT_SLOTS) + " are free",
                        Optional.of("remove listeners or upstreams, or merge upstreams with the same targets")));
    }

    /** Upstreams that want near targets first where nobody has said what is near. */
    List<ConfigWarning> warnings(ProxyConfig before, ProxyConfig after) {
        List<ConfigWarning> found = new ArrayList<>();
        NamedMap.diff(before.upstreams(), after.upstreams(), (name, old, next) -> {
            if (next != null && !here.isKnown() && NodeLocality.isLeftToNode(next)) {
                found.add(new ConfigWarning(
                        ResourceRef.of(ResourceType.UPSTREAMS, name),
                        "/locality",
                        ConfigWarning.NOT_IN_EFFECT,
                        "nobody has said where this gateway is, so all targets are as near",
                        Optional.of("start it with --zone or --region, or write zone or region here")));
            }
        });
        return found;
    }

    private static int count(NamedMap<ListenerConfig> before, NamedMap<ListenerConfig> after) {
        int[] added = {0};
        NamedMap.diff(before, after, (name, old, next) -> {
            if (old == null) {
                added[0]++;
            }
        });
        return added[0];
    }

    /** The change was given up: what it would have added counts nothing. */
    void discarded(ProxyConfig before, ProxyConfig after) {
        retire(gone(after, before));
    }

    /** Upstreams that no worker opens a stream of any more count nothing. */
    void retire(List<String> names) {
        for (String name : names) {
            UpstreamPlan.retire(name, permits);
            circuits.retire(name);
        }
    }

    /** Which upstreams the second config does not have any more. */
    static List<String> gone(ProxyConfig from, ProxyConfig to) {
        List<String> gone = new ArrayList<>();
        NamedMap.diff(from.upstreams(), to.upstreams(), (name, old, next) -> {
            if (next == null) {
                gone.add(name);
            }
        });
        return gone;
    }
}
