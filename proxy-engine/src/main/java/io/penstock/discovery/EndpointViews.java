package io.penstock.discovery;

import io.penstock.config.TargetConfig;
import io.penstock.config.UpstreamConfig;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** Says of each address of an upstream whether it takes requests at one moment, and if not, why. */
record EndpointViews(GrantCheck check, Drains drains, Instant now) {
    List<EndpointView> of(UpstreamConfig upstream, Function<TargetConfig, List<InetAddress>> addressesOf) {
        List<EndpointView> views = new ArrayList<>();
        for (TargetConfig target : upstream.targets()) {
            List<InetAddress> addresses = addressesOf.apply(target);
            if (addresses.isEmpty()) {
                views.add(view(upstream, target, Optional.empty()));
            }
            for (InetAddress ip : addresses) {
                views.add(view(
                        upstream,
                        target,
                        Optional.of(new InetSocketAddress(ip, target.address().port()))));
            }
        }
        return views;
    }

    private EndpointView view(UpstreamConfig upstream, TargetConfig target, Optional<InetSocketAddress> address) {
        Optional<Instant> until = drains.until(upstream.name(), target.address().toString(), now);
        return new EndpointView(
                target.address().toString(),
                target.label(),
                address,
                target.weight(),
                target.zone(),
                EndpointSource.of(target) instanceof EndpointSource.Dns
                        ? EndpointView.Source.DNS
                        : EndpointView.Source.STATIC,
                state(upstream, target, address, until.isPresent()),
                until);
    }

    private EndpointView.State state(
            UpstreamConfig upstream, TargetConfig target, Optional<InetSocketAddress> address, boolean isDraining) {
        if (!upstream.enabled()) {
            return EndpointView.State.DISABLED;
        }
        if (address.isEmpty()) {
            return EndpointView.State.UNRESOLVED;
        }
        if (!check.allows(address.get(), now)) {
            return EndpointView.State.NOT_GRANTED;
        }
        if (isDraining) {
            return EndpointView.State.DRAINING;
        }
        return target.weight() == 0 ? EndpointView.State.WEIGHTLESS : EndpointView.State.READY;
    }
}
