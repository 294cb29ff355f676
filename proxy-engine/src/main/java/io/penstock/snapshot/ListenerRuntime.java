package io.penstock.snapshot;

import io.penstock.config.ListenerConfig;
import io.penstock.http.ClientAddress;
import io.penstock.http.HeadLimits;
import io.penstock.http.TrustedPeers;
import io.penstock.limit.LimitPlan;
import org.jspecify.annotations.Nullable;

/**
 * One listener compiled. Immutable; a connection looks it up anew for each request, so that an edit holds for the next
 * request of every open connection.
 *
 * @param id dense id, also the index of the listener's metrics
 * @param config what the operator wrote
 * @param nameBytes the name in UTF-8; not to be written to
 * @param headLimits bounds of a request's head
 * @param clientAddressSource where the client's address is read from
 * @param trustedPeers whose word about it is believed
 * @param connectionPermits the slot of {@code PermitTable} that counts its connections over all workers
 * @param newConnections the bound of new connections in a time; null for none
 * @param tls what is shown to clients of https; null where clear text is spoken
 */
@SuppressWarnings("ArrayRecordComponent") // Compared by identity only.
public record ListenerRuntime(
        int id,
        ListenerConfig config,
        byte[] nameBytes,
        HeadLimits headLimits,
        ClientAddress.Source clientAddressSource,
        TrustedPeers trustedPeers,
        int connectionPermits,
        @Nullable LimitPlan newConnections,
        @Nullable ShownNames tls,
        long tlsHandshakeTimeoutNs,
        long firstRequestTimeoutNs,
        long headTimeoutNs,
        long bodyProgressTimeoutNs,
        long writeProgressTimeoutNs,
        long keepAliveTimeoutNs) {
    /** The listener's name. */
    public String name() {
        return config.name();
    }

    /** How many connections it may have over all workers. */
    public long connectionsMax() {
        return config.limits().connections();
    }
}
