package io.penstock.upstream;

import io.penstock.http.Fields;
import io.penstock.http.RequestHead;
import io.penstock.http.ResponseHead;
import io.penstock.http.UpgradeField;
import io.penstock.http.WebSocketKey;
import io.penstock.mark.WorkerConfined;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The upgrade that one stream of HTTP/2 asks an endpoint for (RFC 8441): a CONNECT that names its protocol, sent when the endpoint has
 * said that it takes such. Its success is told as the 101 that the exchange waits for, with the proof that the client may want.
 */
@WorkerConfined
final class ExtendedConnect {
    private static final int SWITCHING_PROTOCOLS = 101;

    /** What waits for the endpoint's settings; null for nothing. */
    private @Nullable RequestHead waiting;

    private boolean isAsked;
    private boolean isTunnel;
    private String accept = "";

    /** A request for another protocol shall leave. */
    void ask(RequestHead head) {
        waiting = head;
        isAsked = true;
        int key = head.fields().find(WebSocketKey.KEY);
        accept = key < 0 ? "" : WebSocketKey.accept(head.fields().value(key));
    }

    /** Takes the head that waits; null if none does. */
    @Nullable
    RequestHead takeWaiting() {
        RequestHead head = waiting;
        waiting = null;
        return head;
    }

    /** Whether HTTP/2 has room for it: of all protocols WebSocket alone. */
    static boolean isPossible(RequestHead head) {
        return UpgradeField.protocols(head.fields()).equals(List.of(UpgradeField.WEBSOCKET));
    }

    /** Whether another protocol is asked for. */
    boolean isAsked() {
        return isAsked;
    }

    /** Whether a final head says yes. */
    boolean isGranted(ResponseHead head) {
        return isAsked && head.status() >= 200 && head.status() < 300;
    }

    /** Makes of the endpoint's yes the head that HTTP/1.1 has for it. */
    void grant(ResponseHead head) {
        Fields fields = head.fields();
        head.status(SWITCHING_PROTOCOLS);
        // What follows is no body, whatever was declared.
        head.framing(-1, true);
        fields.remove("content-length");
        fields.set("Upgrade", UpgradeField.WEBSOCKET);
        if (!accept.isEmpty()) {
            fields.set("Sec-WebSocket-Accept", accept);
        }
    }

    /** From now on both directions are opaque. */
    void becomeTunnel() {
        if (!isAsked) {
            throw new IllegalStateException("no upgrade was asked for, so there is no tunnel");
        }
        isTunnel = true;
    }

    boolean isTunnel() {
        return isTunnel;
    }

    void clear() {
        waiting = null;
        isAsked = false;
        isTunnel = false;
        accept = "";
    }
}
