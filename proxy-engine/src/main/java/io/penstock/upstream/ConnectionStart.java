package io.penstock.upstream;

import io.penstock.mark.WorkerConfined;
import io.penstock.metrics.Counter;
import io.penstock.metrics.Reason;
import io.penstock.metrics.WorkerCounters;
import io.penstock.transport.Channel;
import io.penstock.transport.ChannelHandler;
import io.penstock.transport.CloseCause;
import io.penstock.transport.tls.ClientContext;
import io.penstock.transport.tls.ClientSide;
import io.penstock.transport.tls.PeerFault;
import io.penstock.transport.tls.TlsFacts;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** How one connection to an endpoint begins: in clear text, or by a handshake in which both choose what is spoken then. */
@WorkerConfined
final class ConnectionStart {
    private final Upstream upstream;
    private final Endpoint endpoint;

    /** How TLS is spoken on it; null for clear text. */
    private final @Nullable ClientContext tls;

    /** Null in clear text, and before {@link #connect}. */
    private @Nullable ClientSide handshake;

    ConnectionStart(Upstream upstream, Endpoint endpoint) {
        this.upstream = upstream;
        this.endpoint = endpoint;
        this.tls = upstream.spec().tls();
    }

    /**
     * Connects; the handler hears {@code opened}, behind the handshake if there is one, or {@code closed}.
     *
     * @param first told of the connection before anything was sent on it
     */
    Channel connect(long timeoutNs, Consumer<Channel> first, ChannelHandler handler) {
        ClientContext secured = tls;
        if (secured == null) {
            return upstream.worker().loop().connect(endpoint.address(), timeoutNs, handler);
        }
        ClientSide.Begun begun = ClientSide.connect(
                upstream.worker().loop(),
                endpoint.address(),
                timeoutNs,
                secured,
                endpoint.host(),
                upstream.worker().tlsMemory(),
                first,
                handler);
        handshake = begun.side();
        return begun.channel();
    }

    /** Whether it is by TLS. */
    boolean isSecure() {
        return tls != null;
    }

    /** Whether it began as connections do now: whom to believe may have changed since, or that TLS is spoken at all. */
    boolean isAsWanted() {
        return tls == upstream.spec().tls();
    }

    /** Whether both chose HTTP/2; no in clear text, where nobody is asked. */
    boolean hasChosenHttp2() {
        TlsFacts facts = facts();
        return facts != null && facts.protocol().equals(TlsFacts.HTTP_2);
    }

    private @Nullable TlsFacts facts() {
        ClientSide side = handshake;
        return side == null ? null : side.facts();
    }

    /** Counts the handshake that is done, if there was one. */
    void opened() {
        TlsFacts facts = facts();
        if (facts != null) {
            counters()
                    .add(
                            facts.isResumed()
                                    ? Counter.UPSTREAM_TLS_HANDSHAKES_RESUMED
                                    : Counter.UPSTREAM_TLS_HANDSHAKES_FULL);
        }
    }

    /** Why it could not be made. */
    Reason whyNot(CloseCause cause) {
        ClientSide side = handshake;
        PeerFault fault = side == null ? null : side.fault();
        if (fault == null) {
            boolean isLate = cause == CloseCause.CONNECT_TIMEOUT || (side != null && side.isLate());
            return isLate ? Reason.CONNECT_TIMEOUT : Reason.CONNECT_FAILED;
        }
        counters().add(Counter.UPSTREAM_TLS_HANDSHAKES_FAILED);
        return switch (fault) {
            case EXPIRED -> Reason.UPSTREAM_TLS_EXPIRED;
            case NAME -> Reason.UPSTREAM_TLS_NAME;
            case UNTRUSTED -> Reason.UPSTREAM_TLS_UNTRUSTED;
            case REVOKED -> Reason.UPSTREAM_TLS_REVOKED;
            case VERSION -> Reason.UPSTREAM_TLS_VERSION;
            case HANDSHAKE -> Reason.UPSTREAM_TLS_FAILED;
        };
    }

    private WorkerCounters counters() {
        return upstream.worker().counters();
    }
}
