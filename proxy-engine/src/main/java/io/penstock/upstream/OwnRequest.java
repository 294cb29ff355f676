package io.penstock.upstream;

import io.penstock.config.HostHeader;
import io.penstock.http.Fields;
import io.penstock.http.HeadLimits;
import io.penstock.http.Method;
import io.penstock.http.ParseState;
import io.penstock.http.RequestHead;
import io.penstock.http.RequestHeadParser;
import io.penstock.http.ResponseHead;
import io.penstock.mark.WorkerConfined;
import io.penstock.metrics.Reason;
import io.penstock.spi.Outbound;
import io.penstock.transport.Received;
import io.penstock.transport.Timer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One request that a filter makes of its own: from its text to the response in memory, or to why there is none. */
@WorkerConfined
final class OwnRequest implements Outbound.Call, UpstreamStreamHandler {
    private static final Logger LOG = LoggerFactory.getLogger(OwnRequest.class);
    private static final int TRIES_MAX = 4;
    private static final byte[] NOTHING = {};

    /** What the gateway says itself: framing and connection. */
    private static final Set<String> OURS = Set.of(
            "host",
            "content-length",
            "transfer-encoding",
            "connection",
            "keep-alive",
            "upgrade",
            "te",
            "trailer",
            "expect");

    private final OwnRequests requests;
    private final Outbound.Request request;
    private final Outbound.Listener listener;
    private final Kind kind;
    private final RequestHead head = new RequestHead();
    private final OpenRequest open = new OpenRequest();
    private final Timeout timeout = new Timeout();
    private final List<Map.Entry<String, String>> fields = new ArrayList<>();

    private @Nullable Upstream upstream;
    // Null where the request's own stands in the head.
    private @Nullable HostHeader serviceHost;
    private @Nullable UpstreamStream stream;
    private byte[] body = NOTHING;
    private int bodyLength;
    private int status;
    private int tries;
    private boolean isCounted;
    private boolean isOver;

    /**
     * What is asked of the way it goes.
     *
     * @param isRepeatable whether it may be sent twice, whatever its method
     * @param service of the configuration that it goes to; empty for the request's own host
     */
    record Kind(boolean isRepeatable, String service) {
        static final Kind PLAIN = new Kind(false, "");
    }

    OwnRequest(OwnRequests requests, Outbound.Request request, Outbound.Listener listener, Kind kind) {
        this.requests = requests;
        this.request = request;
        this.listener = listener;
        this.kind = kind;
    }

    void begin() {
        if (isOver) {
            return;
        }
        isCounted = requests.tryBegin(this);
        if (!isCounted) {
            failed(Reason.POOL_PENDING_FULL, "too many requests of filters are under way on this worker");
        } else if (!parse()) {
            failed(Reason.BAD_FIELD, "the request's method, target or headers break the grammar of HTTP");
        } else {
            requests.loop().wheel().arm(timeout, requests.loop().nowNs() + request.timeoutNs());
            if (kind.service().isEmpty()) {
                requests.resolve(this, bareHost(), request.port(), request.tls());
            } else {
                goTo(requests.destination(kind.service()));
            }
        }
    }

    private void goTo(OwnRequests.@Nullable Destination to) {
        if (to == null) {
            failed(Reason.NO_ENDPOINT, "service \"" + kind.service() + "\" is not there, or off");
            return;
        }
        serviceHost = to.host();
        upstream = to.upstream();
        attempt(to.upstream());
    }

    private String bareHost() {
        String host = request.host();
        return host.startsWith("[") && host.endsWith("]") ? host.substring(1, host.length() - 1) : host;
    }

    // By the parser of all other requests: whatever it accepts can be written, and nothing else.
    private boolean parse() {
        StringBuilder text = new StringBuilder(256);
        String host = bareHost();
        text.append(request.method()).append(' ').append(request.target()).append(" HTTP/1.1\r\nHost: ");
        text.append(host.indexOf(':') < 0 ? host : "[" + host + "]");
        text.append(request.port() == request.standardPort() ? "" : ":" + request.port())
                .append("\r\n");
        int lines = 1;
        for (Map.Entry<String, String> field : request.headers()) {
            if (OURS.contains(field.getKey().toLowerCase(Locale.ROOT))) {
                return false;
            }
            text.append(field.getKey()).append(": ").append(field.getValue()).append("\r\n");
            lines++;
        }
        if (request.body().length > 0) {
            text.append("Content-Length: ").append(request.body().length).append("\r\n");
            lines++;
        }
        byte[] bytes = text.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1);
        RequestHeadParser parser = new RequestHeadParser(HeadLimits.DEFAULT);
        int taken = parser.feed(new UnsafeBuffer(bytes), 0, bytes.length, head);
        // A line end inside a value would make another line, or end the head early.
        boolean isWhole = parser.state() == ParseState.COMPLETE
                && taken == bytes.length
                && text.chars().filter(c -> c == '\n').count() == lines + 2
                && head.method() != Method.CONNECT;
        head.forwarding().own(true);
        if (isWhole) {
            keepClaims();
        }
        return isWhole;
    }

    // What it says of the way of a client's request is what the filter wants said: no peer had a hand in it.
    private void keepClaims() {
        for (Map.Entry<String, String> field : request.headers()) {
            String name = field.getKey().toLowerCase(Locale.ROOT);
            if (name.startsWith("x-forwarded-") || name.equals("x-request-id")) {
                head.fields().set(field.getKey(), field.getValue());
            }
        }
    }

    /** The origin's addresses are known. */
    void resolved(Upstream origin) {
        if (isOver) {
            return;
        }
        upstream = origin;
        int allowed = 0;
        for (int i = 0; i < origin.endpointCount(); i++) {
            Endpoint endpoint = origin.endpoint(i);
            if (isGranted(endpoint)) {
                allowed++;
            } else {
                open.avoid(endpoint);
            }
        }
        if (allowed == 0) {
            failed(
                    origin.endpointCount() == 0 ? Reason.NO_ENDPOINT : Reason.ENDPOINT_NOT_GRANTED,
                    "no address of \"" + request.host()
                            + "\" may be reached by this request: its own grant or the backend"
                            + " grants do not cover what it resolves to");
            return;
        }
        attempt(origin);
    }

    private boolean isGranted(Endpoint endpoint) {
        try {
            return requests.isGranted(endpoint.address())
                    && request.grant().allows(endpoint.address().getAddress().getAddress());
        } catch (RuntimeException defect) {
            LOG.error("a grant threw; the address is not reached", defect);
            return false;
        }
    }

    private void attempt(Upstream origin) {
        tries++;
        status = 0;
        bodyLength = 0;
        fields.clear();
        origin.open(open, this);
    }

    // ---- from the stream ----

    @Override
    public void streamOpened(UpstreamStream opened) {
        stream = opened;
        boolean hasBody = request.body().length > 0;
        HostHeader named = serviceHost;
        if (named != null) {
            head.rewriteAuthority(
                    named.kind() == HostHeader.Kind.VALUE
                            ? named.value()
                            : opened.endpoint().authority());
        }
        opened.sendHead(head, !hasBody);
        if (hasBody) {
            opened.sendBody(new UnsafeBuffer(request.body()), 0, request.body().length);
            opened.sendEnd(new Fields());
        }
    }

    @Override
    public void informational(ResponseHead advice) {}

    @Override
    public void responseHead(ResponseHead answer, boolean isLast) {
        if (isLast) {
            stream = null;
        }
        if (answer.status() < 200) {
            failed(Reason.UPSTREAM_PROTOCOL, "the endpoint answered " + answer.status() + " to a plain request");
            return;
        }
        if (!isLast && answer.contentLength() > request.responseBytesMax()) {
            tooLarge();
            return;
        }
        status = answer.status();
        Fields received = answer.fields();
        for (int i = 0; i < received.count(); i++) {
            String name = received.name(i);
            if (!OURS.contains(name.toLowerCase(Locale.ROOT))) {
                fields.add(Map.entry(name, received.value(i)));
            }
        }
        if (isLast) {
            responded();
        }
    }

    @Override
    public int responseBody(Received bytes, int offset, int length) {
        if (length > request.responseBytesMax() - bodyLength) {
            tooLarge();
            return length;
        }
        if (bodyLength + length > body.length) {
            int doubled = Math.max(1024, Math.max(bodyLength + length, body.length * 2));
            body = Arrays.copyOf(body, Math.min(doubled, request.responseBytesMax()));
        }
        bytes.buffer().getBytes(offset, body, bodyLength, length);
        bodyLength += length;
        return length;
    }

    private void tooLarge() {
        failed(
                Reason.RESPONSE_BODY_TOO_LARGE,
                "the response is longer than the " + request.responseBytesMax() + " bytes that are taken");
    }

    @Override
    public void responseEnd(Fields trailers) {
        stream = null;
        responded();
    }

    @Override
    public void streamSendable() {}

    @Override
    public void streamFailed(UpstreamFailure failure) {
        stream = null;
        Upstream origin = upstream;
        if (origin != null && tries < TRIES_MAX && mayRetry(origin, failure)) {
            attempt(origin);
        } else {
            failed(failure.reason(), failure.reason().meaning());
        }
    }

    private boolean mayRetry(Upstream origin, UpstreamFailure failure) {
        return switch (failure.retry()) {
            case NOTHING_SENT -> failure.reason().isOfConnecting() && origin.hasUntried(open);
            case REFUSED -> {
                if (open.hasEndpoint()) {
                    open.avoid(open.endpoint());
                }
                yield origin.hasUntried(open);
            }
            case STALE_CONNECTION -> {
                open.needFreshConnection();
                yield kind.isRepeatable() || head.method().isIdempotent();
            }
            case UNSAFE -> false;
        };
    }

    // ---- the end ----

    private void responded() {
        byte[] whole = body.length == bodyLength ? body : Arrays.copyOf(body, bodyLength);
        Outbound.Response response = new Outbound.Response(status, List.copyOf(fields), whole);
        end();
        tell(() -> listener.responded(response));
    }

    void failed(Reason reason, String detail) {
        if (!isOver) {
            end();
            tell(() -> listener.failed(reason.code(), detail));
        }
    }

    private static void tell(Runnable what) {
        try {
            what.run();
        } catch (RuntimeException defect) {
            LOG.error("a filter threw while it was told of its own request", defect);
        }
    }

    @Override
    public void cancel() {
        if (!isOver) {
            end();
        }
    }

    private void end() {
        isOver = true;
        requests.loop().wheel().disarm(timeout);
        UpstreamStream opened = stream;
        stream = null;
        if (opened != null) {
            opened.reset();
        } else if (open.isPending()) {
            open.cancel();
        }
        if (isCounted) {
            requests.ended(this);
        }
    }

    private final class Timeout extends Timer {
        @Override
        protected void expired(long nowNs) {
            failed(Reason.TOTAL_TIMEOUT, "the response was not complete in time");
        }
    }
}
