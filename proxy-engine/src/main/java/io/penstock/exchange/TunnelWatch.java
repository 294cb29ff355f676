package io.penstock.exchange;

import io.penstock.http.Fields;
import io.penstock.http.UpgradeField;
import io.penstock.http.WebSocketFrames;
import io.penstock.mark.WorkerConfined;
import io.penstock.metrics.Counter;
import io.penstock.metrics.Reason;
import io.penstock.snapshot.TunnelPlan;
import io.penstock.transport.Timer;
import io.penstock.upstream.UpstreamStream;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * How long the tunnel of one exchange may be silent and how long it may last. A WebSocket that is ended from here is told so
 * at both ends with a close frame of status 1001, where its frames leave room for one.
 *
 * <p>The timer is left running while bytes pass and looks, when it rings, how long ago the last did.
 */
@WorkerConfined
final class TunnelWatch extends Timer {
    private final Exchange exchange;
    private final ExchangeContext context;
    private final WebSocketFrames fromClient = new WebSocketFrames();
    private final WebSocketFrames fromEndpoint = new WebSocketFrames();
    private boolean isOpen;
    private boolean isWebSocket;
    private long idleNs;
    private long expiresNs;
    private long progressNs;

    TunnelWatch(Exchange exchange, ExchangeContext context) {
        this.exchange = exchange;
        this.context = context;
    }

    /** The tunnel begins, with the protocol that the answer names. */
    void begin(TunnelPlan plan, long upstreamIdleNs, Fields answer) {
        isOpen = true;
        isWebSocket = UpgradeField.protocols(answer).contains(UpgradeField.WEBSOCKET);
        long nowNs = context.nowNs();
        progressNs = nowNs;
        idleNs = plan.idleNs() > 0 ? plan.idleNs() : upstreamIdleNs;
        expiresNs = nowNs + plan.lifetimeNs();
        context.meters().counters().add(Counter.TUNNELS_OPEN);
        context.wheel().arm(this, Math.min(nowNs + idleNs, expiresNs));
    }

    void clientPassed(DirectBuffer bytes, int offset, int length) {
        progressNs = context.nowNs();
        if (isWebSocket) {
            fromClient.passed(bytes, offset, length);
        }
    }

    void endpointPassed(DirectBuffer bytes, int offset, int length) {
        progressNs = context.nowNs();
        if (isWebSocket) {
            fromEndpoint.passed(bytes, offset, length);
        }
    }

    /** One end has taken much of what waited for it. */
    void progressed() {
        progressNs = context.nowNs();
    }

    @Override
    protected void expired(long nowNs) {
        if (nowNs >= expiresNs) {
            exchange.endTunnel(Reason.TUNNEL_EXPIRED);
        } else if (nowNs - progressNs >= idleNs) {
            exchange.endTunnel(Reason.TUNNEL_IDLE);
        } else {
            context.wheel().arm(this, Math.min(progressNs + idleNs, expiresNs));
        }
    }

    /** Tells the client that its WebSocket ends. */
    void goingAway(DownstreamStream client) {
        if (isWebSocket && fromEndpoint.mayInsert()) {
            byte[] frame = WebSocketFrames.goingAway(false);
            client.sendBody(frame, 0, frame.length);
        }
    }

    /** Tells the endpoint that its WebSocket ends. */
    void goingAway(UpstreamStream endpoint) {
        if (isWebSocket && fromClient.mayInsert()) {
            byte[] frame = WebSocketFrames.goingAway(true);
            endpoint.sendBody(new UnsafeBuffer(frame), 0, frame.length);
        }
    }

    /** The exchange has ended. */
    void stop() {
        context.wheel().disarm(this);
        if (isOpen) {
            isOpen = false;
            isWebSocket = false;
            fromClient.reset();
            fromEndpoint.reset();
            context.meters().counters().add(Counter.TUNNELS_OPEN, -1);
        }
    }
}
