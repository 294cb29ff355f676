package io.penstock.snapshot;

import io.penstock.config.Cidr;
import io.penstock.config.ListenerConfig;
import io.penstock.config.ListenerTimeouts;
import io.penstock.http.ClientAddress;
import io.penstock.http.HeadLimits;
import io.penstock.http.TrustedPeers;
import io.penstock.limit.LimitPlan;
import io.penstock.limit.PermitTable;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Makes the runtime of one listener. Control thread only. */
final class ListenerCompiler {
    private final PermitTable permits;

    ListenerCompiler(PermitTable permits) {
        this.permits = permits;
    }

    ListenerRuntime compile(ListenerConfig config, int id, @Nullable ShownNames tls) {
        ListenerTimeouts timeouts = config.timeouts();
        return new ListenerRuntime(
                id,
                config,
                config.name().getBytes(StandardCharsets.UTF_8),
                new HeadLimits(
                        (int) config.limits().headBytes().bytes(),
                        config.limits().headFields()),
                switch (config.clientAddress().from()) {
                    case PEER -> ClientAddress.Source.PEER;
                    case X_FORWARDED_FOR -> ClientAddress.Source.X_FORWARDED_FOR;
                    case FORWARDED -> ClientAddress.Source.FORWARDED;
                },
                TrustedPeers.of(config.clientAddress().trusted().stream()
                        .map(Cidr::toString)
                        .toList()),
                permits.slotOf(permitIdentity(config.name())),
                newConnections(config),
                tls,
                timeouts.tlsHandshake().toNanos(),
                timeouts.firstRequest().toNanos(),
                timeouts.head().toNanos(),
                timeouts.bodyProgress().toNanos(),
                timeouts.writeProgress().toNanos(),
                timeouts.keepAlive().toNanos());
    }

    private static @Nullable LimitPlan newConnections(ListenerConfig config) {
        if (config.limits().newPerSecond().isEmpty()) {
            return null;
        }
        int perSecond = config.limits().newPerSecond().get();
        return LimitPlan.of("listener/" + config.name(), perSecond, Duration.ofSeconds(1), perSecond, true);
    }

    void retire(String name) {
        permits.retire(permitIdentity(name));
    }

    private static String permitIdentity(String name) {
        return "listener/" + name;
    }
}
