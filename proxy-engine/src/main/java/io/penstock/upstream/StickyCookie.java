package io.penstock.upstream;

import io.penstock.config.StickyConfig;
import io.penstock.http.Cookies;
import io.penstock.http.RequestHead;
import io.penstock.http.ResponseHead;
import io.penstock.mark.WorkerConfined;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Locale;

/**
 * The cookie that brings a client back to its endpoint. Its value is a hash of the endpoint's address under a key that only
 * this gateway knows: it says nothing of what is behind the gateway, and nobody can make one for an endpoint of his choice.
 */
@WorkerConfined
final class StickyCookie {
    private static final int DIGITS = 16;

    private final Cookies cookies = new Cookies();
    private final String name;
    private final byte[] nameBytes;
    private final String attributes;

    StickyCookie(StickyConfig config) {
        name = config.cookie();
        nameBytes = name.getBytes(StandardCharsets.ISO_8859_1);
        attributes = "; Path=" + config.path()
                + config.domain().map(domain -> "; Domain=" + domain).orElse("")
                + config.ttl()
                        .map(Duration::toSeconds)
                        .map(ttl -> "; Max-Age=" + ttl)
                        .orElse("")
                + (config.secure() ? "; Secure" : "")
                + (config.httpOnly() ? "; HttpOnly" : "")
                + switch (config.sameSite()) {
                    case STRICT -> "; SameSite=Strict";
                    case LAX -> "; SameSite=Lax";
                    case NONE -> "; SameSite=None";
                };
    }

    /** Has a request go where its cookie says. */
    void aim(OpenRequest request, RequestHead head, Endpoint[] usable) {
        if (!cookies.find(head.fields(), nameBytes) || cookies.length() != DIGITS) {
            return;
        }
        byte[] bytes = head.fields().bytes();
        long code = 0;
        for (int i = 0; i < DIGITS; i++) {
            byte digit = bytes[cookies.offset() + i];
            if (!HexFormat.isHexDigit(digit)) {
                return;
            }
            code = code << 4 | HexFormat.fromHexDigit(digit);
        }
        for (Endpoint endpoint : usable) {
            if (endpoint.stickyCode() == code) {
                request.stick(endpoint);
                return;
            }
        }
    }

    /** What the client of an endpoint is told. */
    String setCookie(Endpoint endpoint) {
        return name + "=" + String.format(Locale.ROOT, "%016x", endpoint.stickyCode()) + attributes;
    }

    /** Tells a client of its endpoint, unless it knows. */
    void answered(OpenRequest request, Endpoint endpoint, ResponseHead head) {
        if (!request.isStuckTo(endpoint)) {
            head.fields().add("Set-Cookie", endpoint.setCookie(this));
        }
    }
}
