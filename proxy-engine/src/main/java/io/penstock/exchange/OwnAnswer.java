package io.penstock.exchange;

import io.penstock.filter.ErrorPages;
import io.penstock.http.KnownField;
import io.penstock.http.RequestHead;
import io.penstock.http.ResponseHead;
import io.penstock.http.StatusReasons;
import io.penstock.mark.WorkerConfined;
import io.penstock.metrics.Reason;
import io.penstock.spi.Answer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An answer that Penstock makes itself: a fixed one, a filter's, or a refusal.
 *
 * <p>A refusal says its reason code, the request id and, where the client is at fault, what was found; what is known of
 * the inside (limits, endpoints) stands in the trail only. A 404 comes with the line to type to learn why.
 */
@WorkerConfined
final class OwnAnswer {
    private static final byte[] NOTHING = {};
    private static final long SECOND_NS = 1_000_000_000L;

    private final ResponseHead head = new ResponseHead();
    private byte[] body = NOTHING;
    private long retryAfterNs;
    // A reason whose refusal has another status here, and may say when to try again.
    private @Nullable Reason special;
    private int specialStatus;
    private long specialRetryAfterNs;
    private String allow = "";
    private List<String> challenges = List.of();
    private String said = "";

    ResponseHead head() {
        return head;
    }

    byte[] body() {
        return body;
    }

    /** What a refusal says, in a line; empty for other answers. */
    String said() {
        return said;
    }

    /** Leaves the head alone. */
    void dropBody() {
        body = NOTHING;
        head.framing(0, false);
    }

    /** When a refusal that follows may be tried again. */
    void retryAfterNs(long waitNs) {
        retryAfterNs = waitNs;
    }

    /** How a refusal for a reason looks, should it come to that. */
    void special(Reason reason, int status, long waitNs) {
        special = reason;
        specialStatus = status;
        specialRetryAfterNs = waitNs;
    }

    /** The methods that would have been served, for a refusal that follows. */
    void allow(String methods) {
        allow = methods;
    }

    /** How the client may say who it is, for a refusal that follows. */
    void challenges(List<String> told) {
        challenges = told;
    }

    void fill(Answer answer) {
        said = "";
        head.start(answer.status(), answer.body().length);
        for (Map.Entry<String, String> field : answer.headers()) {
            head.fields().add(field.getKey(), field.getValue());
        }
        body = answer.status() == 204 || answer.status() == 304 ? NOTHING : answer.body();
    }

    /** Puts another body in place. */
    void replaceBody(byte[] other) {
        int status = head.status();
        if (status != 204 && status != 304) {
            body = other;
            head.framing(other.length, false);
        }
    }

    /** Takes a copy of an endpoint's head that would not outlive its stream. */
    ResponseHead keep(ResponseHead fromUpstream) {
        head.copyFrom(fromUpstream);
        return head;
    }

    void refusal(
            Reason reason,
            String detail,
            ErrorPages pages,
            RequestHead request,
            DownstreamStream stream,
            String requestId) {
        int status = reason.status() == 499 ? 400 : reason.status();
        if (reason == special) {
            status = specialStatus;
            retryAfterNs = specialRetryAfterNs;
        }
        String shown = reason.side() == Reason.Side.DOWNSTREAM ? detail : "";
        ErrorPages.Shown page = pages.ofOwn(
                reason,
                new ErrorPages.Said(
                        status,
                        StatusReasons.of(status),
                        reason.code(),
                        requestId,
                        shown.isEmpty() ? reason.meaning() : shown),
                request.fields());
        boolean isWaiting = WaitingRoom.isFor(reason) && !pages.names(reason);
        String contentType;
        if (isWaiting && WaitingRoom.wantsPage(request)) {
            body = WaitingRoom.page(request, retryAfterSeconds(), requestId).getBytes(StandardCharsets.UTF_8);
            contentType = "text/html; charset=utf-8";
        } else if (page == null || isWaiting) {
            boolean isJson = WaitingRoom.isFor(reason) || wantsJson(request);
            String explain =
                    reason == Reason.NO_ROUTE || reason == Reason.METHOD_NOT_ALLOWED ? explain(request, stream) : "";
            String text = isJson
                    ? json(reason, status, shown, explain, requestId)
                    : text(reason, status, shown, explain, requestId);
            body = text.getBytes(StandardCharsets.UTF_8);
            contentType = isJson ? "application/problem+json" : "text/plain; charset=utf-8";
        } else {
            body = page.body();
            contentType = page.contentType();
        }
        said = reason.code() + ": " + (shown.isEmpty() ? reason.meaning() : shown);
        head.start(status, body.length);
        head.fields().add("X-Request-Id", requestId);
        head.fields().add("X-Penstock-Reason", reason.code());
        if (retryAfterNs > 0) {
            head.fields().add("Retry-After", retryAfterSeconds());
        }
        if (!allow.isEmpty()) {
            head.fields().add("Allow", allow);
        }
        for (int i = 0; i < challenges.size(); i++) {
            head.fields().add("WWW-Authenticate", challenges.get(i));
        }
        head.fields().add("Content-Type", contentType);
        head.fields().add("Cache-Control", "no-store");
    }

    // Rounded up: a client that waits exactly as told must not be refused again.
    private long retryAfterSeconds() {
        return Math.max(1, (retryAfterNs + SECOND_NS - 1) / SECOND_NS);
    }

    private static boolean wantsJson(RequestHead request) {
        int accept = request.fields().find(KnownField.ACCEPT);
        return accept >= 0 && request.fields().value(accept).contains("json");
    }

    private static String explain(RequestHead request, DownstreamStream stream) {
        LinkAuthority asked = LinkAuthority.of(request, stream);
        if (request.targetForm() == RequestHead.TargetForm.ASTERISK) {
            return "penstock explain " + request.methodToken() + " '*'"
                    + (asked.isKnown() ? " -H 'Host: " + asked.authority() + "'" : "");
        }
        return "penstock explain " + request.methodToken() + " '" + (stream.isSecure() ? "https://" : "http://")
                + (asked.isKnown() ? asked.authority() : "localhost")
                + request.path().replace("'", "%27") + "'";
    }

    private static String text(Reason reason, int status, String detail, String explain, String requestId) {
        StringBuilder text = new StringBuilder(256);
        text.append(status).append(' ').append(StatusReasons.of(status)).append('\n');
        text.append(reason.code()).append(": ").append(reason.meaning()).append('\n');
        if (!detail.isEmpty()) {
            text.append(detail).append('\n');
        }
        text.append("request id: ").append(requestId).append('\n');
        if (!explain.isEmpty()) {
            text.append("ask why: ").append(explain).append('\n');
        }
        return text.toString();
    }

    private static String json(Reason reason, int status, String detail, String explain, String requestId) {
        StringBuilder json = new StringBuilder(256);
        json.append("{\"type\":\"about:blank\",\"title\":");
        quote(json, StatusReasons.of(status));
        json.append(",\"status\":").append(status).append(",\"code\":");
        quote(json, reason.code());
        json.append(",\"detail\":");
        quote(json, detail.isEmpty() ? reason.meaning() : detail);
        json.append(",\"requestId\":");
        quote(json, requestId);
        if (!explain.isEmpty()) {
            json.append(",\"hint\":");
            quote(json, explain);
        }
        return json.append("}\n").toString();
    }

    private static void quote(StringBuilder json, String text) {
        json.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                json.append('\\').append(c);
            } else if (c < 0x20 || c == 0x7f) {
                json.append(String.format("\\u%04x", (int) c));
            } else {
                json.append(c);
            }
        }
        json.append('"');
    }

    void reset() {
        head.clear();
        body = NOTHING;
        said = "";
        retryAfterNs = 0;
        special = null;
        allow = "";
        challenges = List.of();
    }
}
