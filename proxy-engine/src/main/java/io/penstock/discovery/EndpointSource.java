package io.penstock.discovery;

import io.penstock.config.HostPort;
import io.penstock.config.TargetConfig;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;

/** Where the addresses of one target come from. */
sealed interface EndpointSource {
    /** The target says its address itself. */
    record Static(InetAddress address) implements EndpointSource {}

    /** The target is a name that is looked up and followed. */
    record Dns(String name) implements EndpointSource {}

    /** The source of a target's addresses. */
    static EndpointSource of(TargetConfig target) {
        HostPort address = target.address();
        Optional<EndpointSource> literal = address.ip().map(ip -> new Static(ip.toInetAddress()));
        return literal.orElseGet(() ->
                isLocalhost(address.host()) ? new Static(InetAddress.ofLiteral("127.0.0.1")) : new Dns(address.host()));
    }

    // RFC 6761 section 6.3: these names never go to a name service.
    private static boolean isLocalhost(String host) {
        return host.equals("localhost") || host.endsWith(".localhost");
    }

    /** The names that these targets are written with. */
    static List<String> namesOf(List<TargetConfig> targets) {
        return targets.stream()
                .map(EndpointSource::of)
                .filter(Dns.class::isInstance)
                .map(source -> ((Dns) source).name())
                .distinct()
                .toList();
    }
}
