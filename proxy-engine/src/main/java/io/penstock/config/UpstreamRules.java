package io.penstock.config;

import io.penstock.config.Problems.Scope;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What an upstream must keep by itself. */
final class UpstreamRules {
    private static final int TARGETS_MAX = 10_000;

    private UpstreamRules() {}

    static void check(UpstreamConfig upstream, Scope at) {
        if (upstream.proxyProtocol().isPresent()
                && upstream.protocol() != UpstreamProtocol.HTTP1
                && !isClearAuto(upstream)) {
            at.in("proxyProtocol")
                    .add(
                            ConfigProblem.BAD_VALUE,
                            "a connection tells of one client, and one of HTTP/2 is shared by many",
                            "leave it out, or write protocol: http1");
        }
        checkProtocol(upstream, at);
        if (upstream.hashKey().isPresent() && upstream.balancer() != BalancerType.MAGLEV) {
            at.in("hashKey")
                    .add(
                            ConfigProblem.BAD_VALUE,
                            "balancer " + upstream.balancer().text() + " hashes nothing",
                            "write balancer: maglev, or take hashKey out");
        }
        if (upstream.sticky().isPresent() && upstream.balancer() != BalancerType.STICKY) {
            at.in("sticky")
                    .add(
                            ConfigProblem.BAD_VALUE,
                            "balancer " + upstream.balancer().text() + " sets no cookie",
                            "write balancer: sticky, or take sticky out");
        }
        if (upstream.balancer() == BalancerType.STICKY
                && upstream.retries().hedge().filter(late -> late.max() > 0).isPresent()) {
            at.in("retries")
                    .in("hedge")
                    .add(
                            ConfigProblem.BAD_VALUE,
                            "with balancer sticky a client belongs to one target, and no other one may be asked beside it",
                            "write another balancer, or take hedge out");
        }
        upstream.tls().ifPresent(tls -> TlsRules.check(tls, at.in("tls")));
        List<TargetConfig> targets = upstream.targets();
        if (targets.size() > TARGETS_MAX) {
            at.in("targets")
                    .add(
                            ConfigProblem.BAD_VALUE,
                            "found " + targets.size() + " targets, wanted at most " + TARGETS_MAX);
        }
        Map<String, Integer> seen = new HashMap<>();
        for (int i = 0; i < targets.size(); i++) {
            Scope target = at.in("targets").in(i);
            Integer same = seen.putIfAbsent(targets.get(i).address().toString(), i);
            if (same != null) {
                target.in("address")
                        .add(
                                ConfigProblem.DUPLICATE,
                                "\"" + targets.get(i).address() + "\" is the address of targets/" + same + " too",
                                "raise its weight instead");
            }
            int index = i;
            targets.get(i).name().ifPresent(name -> checkName(name, index, seen, target));
        }
    }

    private static void checkProtocol(UpstreamConfig upstream, Scope at) {
        if ((upstream.protocol() == UpstreamProtocol.HTTP1 || isClearAuto(upstream))
                && upstream.health().active().flatMap(ActiveHealthConfig::grpc).isPresent()) {
            at.in("health")
                    .in("active")
                    .in("grpc")
                    .add(
                            ConfigProblem.BAD_VALUE,
                            "the targets speak HTTP/1.1, by which no gRPC passes",
                            "write protocol: http2, or a check by http or tcp");
        }
    }

    // Nothing tells in clear text what a target speaks.
    private static boolean isClearAuto(UpstreamConfig upstream) {
        return upstream.protocol() == UpstreamProtocol.AUTO && upstream.tls().isEmpty();
    }

    // Names and addresses share the path /targets/{t}, so a name may not look like another's address.
    private static void checkName(String name, int index, Map<String, Integer> seen, Scope target) {
        if (!name.matches("[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}")) {
            target.in("name")
                    .add(
                            ConfigProblem.BAD_VALUE,
                            "found \"" + ValueText.shown(name) + "\", wanted letters, digits, '.', '_' or '-'");
        }
        Integer same = seen.putIfAbsent(name, index);
        if (same != null) {
            target.in("name").add(ConfigProblem.DUPLICATE, "\"" + name + "\" is the name of targets/" + same + " too");
        }
    }
}
