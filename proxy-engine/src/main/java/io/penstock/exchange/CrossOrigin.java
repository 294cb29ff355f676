package io.penstock.exchange;

import io.penstock.filter.CorsPolicy;
import io.penstock.http.Fields;
import io.penstock.http.Method;
import io.penstock.http.RequestHead;
import io.penstock.mark.WorkerConfined;
import org.jspecify.annotations.Nullable;

/**
 * What the route's {@code cors} says of one exchange. Decided when the route is known, before any filter can edit the
 * request; written into whatever answer leaves, refusals included.
 */
@WorkerConfined
final class CrossOrigin {
    private static final int NO_CONTENT = 204;

    private final RequestHead request;

    /** Null where the route has none, and before it is known. */
    private @Nullable CorsPolicy policy;

    private boolean isPreflight;
    // Edits append to the head's bytes: what lies there now lies there at the end.
    private int originOffset;
    private int originLength;

    CrossOrigin(RequestHead request) {
        this.request = request;
    }

    /** Whether a request asks beforehand for another (Fetch, CORS-preflight request). */
    static boolean isPreflight(RequestHead request) {
        return request.method() == Method.OPTIONS && CorsPolicy.preflightFor(request.fields()) >= 0;
    }

    void begin(@Nullable CorsPolicy ofRoute) {
        policy = ofRoute;
        if (ofRoute != null) {
            Fields fields = request.fields();
            int origin = ofRoute.allowedOrigin(fields);
            originOffset = origin < 0 ? 0 : fields.valueOffset(origin);
            originLength = origin < 0 ? 0 : fields.valueLength(origin);
            isPreflight = isPreflight(request);
        }
    }

    /** Writes it into the head that is about to leave. */
    void write(ExchangeResponse response) {
        CorsPolicy ofRoute = policy;
        if (ofRoute == null) {
            return;
        }
        Fields fields = response.head().fields();
        ofRoute.write(fields, request.bytes(), originOffset, originLength);
        if (isPreflight && !response.isUpstreams() && response.head().status() == NO_CONTENT) {
            ofRoute.writePreflight(request.fields(), fields);
        }
    }

    void reset() {
        policy = null;
    }
}
