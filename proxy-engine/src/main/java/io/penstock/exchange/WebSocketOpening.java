package io.penstock.exchange;

import io.penstock.exchange.facts.RequestIdText;
import io.penstock.http.Fields;
import io.penstock.http.RequestHead;
import io.penstock.http.ResponseHead;
import io.penstock.http.WebSocketKey;
import org.jspecify.annotations.Nullable;

/**
 * The opening of a WebSocket whose client came by HTTP/2 (RFC 8441), where streams belong to one request and no key is shown. Behind
 * here it is opened as by HTTP/1.1: the key is ours, and so is the proof that the endpoint has understood.
 */
final class WebSocketOpening {
    private WebSocketOpening() {}

    /** Shows a key in the client's place, where it came by HTTP/2. */
    static void begin(RequestHead request, RequestIdText id) {
        if (request.isExtendedConnect()) {
            request.fields().set(WebSocketKey.KEY, WebSocketKey.of(id.bytes(), id.length()));
        }
    }

    /** What is wrong with a 101; null if nothing is. Where the client showed the key itself, it is its own to look. */
    static @Nullable String fault(RequestHead request, Fields answer) {
        if (!request.isExtendedConnect()) {
            return null;
        }
        int key = request.fields().find(WebSocketKey.KEY);
        int accept = answer.find(WebSocketKey.ACCEPT);
        boolean isProven = key >= 0
                && accept >= 0
                && answer.find(WebSocketKey.ACCEPT, accept + 1) < 0
                && answer.valueEquals(
                        accept, WebSocketKey.accept(request.fields().value(key)));
        return isProven ? null : "the endpoint's 101 has no Sec-WebSocket-Accept for the key that it was shown";
    }

    /** Whether a client would take an answer for an open tunnel that is none: by HTTP/2 any success says so. */
    static boolean isMistakable(RequestHead request, ResponseHead answer) {
        return request.isExtendedConnect() && answer.status() >= 200 && answer.status() < 300;
    }
}
