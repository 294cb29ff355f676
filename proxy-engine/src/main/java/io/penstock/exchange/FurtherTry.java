package io.penstock.exchange;

import io.penstock.http.Fields;
import io.penstock.http.KnownField;
import io.penstock.http.Method;
import io.penstock.http.ResponseHead;
import io.penstock.limit.RetryCauses;
import io.penstock.limit.RetryPlan;
import io.penstock.mark.WorkerConfined;
import io.penstock.metrics.Reason;
import io.penstock.upstream.OpenRequest;
import io.penstock.upstream.Upstream;
import io.penstock.upstream.UpstreamCircuit;
import io.penstock.upstream.UpstreamFailure;
import io.penstock.upstream.UpstreamFailure.Retry;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Whether another try of one exchange's request follows one that came to nothing: where the operator wants it, where it is
 * safe, and where the budget pays for it. Where it is wanted and does not follow, the trail says why.
 *
 * <p>Safe is: no byte of an answer has gone to the client; what was sent of the body is still here; and the endpoint has
 * seen nothing of the request, or the request may be sent twice. An endpoint that was not tried comes first, at once; one
 * that was tried comes again after a pause, except where it could not be reached.
 */
@WorkerConfined
final class FurtherTry {
    private static final byte[] ATTEMPTS = text("attempts used up");
    private static final byte[] METHOD = text("not repeatable");
    private static final byte[] BODY = text("body not kept");
    private static final byte[] ENDPOINTS = text("no other endpoint");
    private static final byte[] RETRY_AFTER = text("Retry-After");
    private static final byte[] FILTER = text("a filter forbids it");
    private static final byte[] BUDGET = text("budget used up");
    private static final byte[] CIRCUIT = text("circuit open");
    private static final byte[] HOOK = text("a filter sees each try");
    private static final byte[] CROWD = text("circuit.retries under way");
    private static final String IDEMPOTENCY_KEY = "idempotency-key";
    private static final long SECOND_NS = 1_000_000_000L;
    private static final long SECONDS_MAX = 1_000_000;
    private static final long NOT_SAID = -1;

    private final Exchange exchange;
    private @Nullable Upstream upstream;
    private RetryPlan ofUpstream = RetryPlan.SILENT;
    private RetryPlan ofRoute = RetryPlan.SILENT;
    private int count;
    private int pauses;

    /** Whether a try was decided on, and counted as under way, that has not begun. */
    private boolean isCounted;

    private long pauseNs;

    FurtherTry(Exchange exchange) {
        this.exchange = exchange;
    }

    void begin(Upstream to, RetryPlan route) {
        upstream = to;
        ofUpstream = to.retries().plan();
        ofRoute = route;
        count = 0;
        pauses = 0;
    }

    private static byte[] text(String why) {
        return why.getBytes(StandardCharsets.US_ASCII);
    }

    // ---- what holds for the exchange

    private int attemptsMax() {
        return ofRoute.attempts() >= 0 ? ofRoute.attempts() : ofUpstream.attempts();
    }

    private RetryCauses causes() {
        RetryCauses nearer = ofRoute.causes();
        RetryCauses said = nearer == null ? ofUpstream.causes() : nearer;
        if (said == null) {
            throw new IllegalStateException("an upstream leaves nothing unsaid");
        }
        return said;
    }

    /** How long one try may take, 0 for no bound. */
    long perTryTimeoutNs() {
        return ofRoute.perTryTimeoutNs() >= 0 ? ofRoute.perTryTimeoutNs() : ofUpstream.perTryTimeoutNs();
    }

    /** How many tries may be made beside the first. */
    int hedgesMax() {
        return ofRoute.hedges() >= 0 ? ofRoute.hedges() : ofUpstream.hedges();
    }

    /** How late an answer has to be for that. */
    long hedgeAfterNs() {
        return ofRoute.hedges() >= 0 ? ofRoute.hedgeAfterNs() : ofUpstream.hedgeAfterNs();
    }

    /** Whether what is sent of the body should be kept for another try. */
    boolean wantsBodyKept(boolean isConnectionReused) {
        if (hedgesMax() > 0 && isRepeatable()) {
            return true;
        }
        return attemptsMax() > 0
                && ((isConnectionReused && exchange.request().method().isIdempotent())
                        || (causes().isAfterSending() && isRepeatable()));
    }

    /** Whether it may be sent twice. */
    boolean isRepeatable() {
        RetryPlan said = ofRoute.methods() == null ? ofUpstream : ofRoute;
        Set<Method> methods = said.methods();
        return (methods != null && methods.contains(exchange.request().method()))
                || (said.takesIdempotencyKey() && exchange.request().fields().find(IDEMPOTENCY_KEY) >= 0);
    }

    // ---- decisions

    /** Whether another try follows one that failed; then {@link #pauseNs} before it. */
    boolean follows(UpstreamFailure failure, OpenRequest open) {
        RetryCause cause = causeOf(failure);
        if (cause == null) {
            return false;
        }
        if (cause != RetryCause.STALE_CONNECTION
                && exchange.filters().steering().isSingleTry()) {
            return refused(FILTER);
        }
        if (cause != RetryCause.STALE_CONNECTION && failure.retry() != Retry.NOTHING_SENT && !isRepeatable()) {
            return refused(METHOD);
        }
        if (!mayStillTry()) {
            return false;
        }
        pauseNs = 0;
        if (failure.retry() == Retry.REFUSED) {
            avoidLast(open, NOT_SAID);
        } else if (cause == RetryCause.STALE_CONNECTION) {
            open.needFreshConnection();
        } else if (cause == RetryCause.CONNECT_FAILURE) {
            // The upstream itself leaves out endpoints that could not be reached.
            if (!hasUntried(open)) {
                return refused(ENDPOINTS);
            }
        } else {
            avoidLast(open, NOT_SAID);
        }
        return spent(cause);
    }

    /** Whether another try follows one that was answered; then {@link #pauseNs} before it. */
    boolean follows(ResponseHead answer, OpenRequest open) {
        if (!causes().has(answer.status()) || attemptsMax() == 0) {
            return false;
        }
        if (exchange.filters().steering().isSingleTry()) {
            return refused(FILTER);
        }
        if (!isRepeatable()) {
            return refused(METHOD);
        }
        if (!mayStillTry()) {
            return false;
        }
        pauseNs = 0;
        return avoidLast(open, retryAfterNs(answer.fields())) ? spent(RetryCause.STATUS) : refused(RETRY_AFTER);
    }

    /** Whether the operator wants an answer tried again rather than given to the client. */
    boolean isRefusedBy(ResponseHead answer) {
        return causes().has(answer.status());
    }

    /** How long to wait before the try that follows, in nanoseconds. */
    long pauseNs() {
        return pauseNs;
    }

    private @Nullable RetryCause causeOf(UpstreamFailure failure) {
        if (attemptsMax() == 0) {
            return null;
        }
        boolean isStale = failure.retry() == Retry.STALE_CONNECTION
                ? exchange.request().method().isIdempotent()
                // A pooled connection was closed while filters looked at the request.
                // By HTTP/2 an endpoint says so itself where it has not looked at a request.
                : failure.retry() == Retry.REFUSED
                        || (failure.retry() == Retry.NOTHING_SENT && failure.reason() == Reason.UPSTREAM_RESET);
        if (isStale) {
            return RetryCause.STALE_CONNECTION;
        }
        RetryCauses wanted = causes();
        return switch (failure.reason()) {
            case CONNECT_FAILED,
                    CONNECT_TIMEOUT,
                    UPSTREAM_TLS_EXPIRED,
                    UPSTREAM_TLS_NAME,
                    UPSTREAM_TLS_UNTRUSTED,
                    UPSTREAM_TLS_REVOKED,
                    UPSTREAM_TLS_VERSION,
                    UPSTREAM_TLS_NO_HTTP2,
                    UPSTREAM_TLS_FAILED -> wanted.hasConnectFailure() ? RetryCause.CONNECT_FAILURE : null;
            case UPSTREAM_RESET -> wanted.hasReset() ? RetryCause.RESET : null;
            case FIRST_BYTE_TIMEOUT, UPSTREAM_IDLE_TIMEOUT, TRY_TIMEOUT ->
                wanted.hasTimeout() ? RetryCause.TIMEOUT : null;
            default -> null;
        };
    }

    private boolean mayStillTry() {
        if (count >= attemptsMax()) {
            return refused(ATTEMPTS);
        }
        return exchange.relay().canReplay() || refused(BODY);
    }

    // Another endpoint at once, or if there is none the same ones after a pause, which may not be shorter than one
    // asked
    // for. False if it would have to be longer than the operator lets it be.
    private boolean avoidLast(OpenRequest open, long askedNs) {
        if (open.hasEndpoint()) {
            open.avoid(open.endpoint());
        }
        if (hasUntried(open)) {
            return true;
        }
        Upstream to = upstream();
        if (to.retries().honoursRetryAfter() && askedNs > to.retries().backoffMaxNs()) {
            return false;
        }
        open.forgetTried();
        pauseNs = Math.max(to.circuit().pauseNs(pauses), to.retries().honoursRetryAfter() ? askedNs : 0);
        pauses++;
        return true;
    }

    private boolean hasUntried(OpenRequest open) {
        return upstream().hasUntried(open);
    }

    /** Whether another endpoint may be asked beside those that are: it is wanted, safe, and paid for. */
    boolean beginsBeside(OpenRequest open) {
        if (exchange.filters().steering().isSingleTry()) {
            return refused(FILTER);
        }
        if (!isRepeatable()) {
            return refused(METHOD);
        }
        if (exchange.filters().chain().first(Hook.UPSTREAM_REQUEST) != FilterChain.NONE) {
            // Its hooks see one try after the other, and may wait in each.
            return refused(HOOK);
        }
        if (!exchange.relay().canCopy()) {
            return refused(BODY);
        }
        return hasUntried(open) ? pays() : refused(ENDPOINTS);
    }

    private boolean spent(RetryCause cause) {
        if (!pays()) {
            return false;
        }
        isCounted = true;
        count++;
        exchange.record().tries().followed(cause);
        return true;
    }

    // Of what all workers have together; then the circuit counts one more try that is under way.
    private boolean pays() {
        UpstreamCircuit circuit = upstream().circuit();
        if (!circuit.wouldPass()) {
            return refused(CIRCUIT);
        }
        if (!circuit.tryBeginFurtherTry()) {
            return refused(CROWD);
        }
        if (!circuit.trySpendRetry()) {
            circuit.furtherTryEnded();
            return refused(BUDGET);
        }
        return true;
    }

    /** Hands over who says that the try that was decided on has ended. */
    boolean takeCounted() {
        boolean was = isCounted;
        isCounted = false;
        return was;
    }

    /** What was decided on does not begin. */
    void givenUp() {
        if (takeCounted()) {
            upstream().circuit().furtherTryEnded();
        }
    }

    private boolean refused(byte[] why) {
        exchange.record().tries().notFollowed(why);
        return false;
    }

    private Upstream upstream() {
        Upstream to = upstream;
        if (to == null) {
            throw new IllegalStateException("no upstream was chosen");
        }
        return to;
    }

    // A date is taken for a time too far away: how an endpoint's clock goes is not known here.
    private static long retryAfterNs(Fields fields) {
        int index = fields.find(KnownField.RETRY_AFTER);
        if (index < 0) {
            return NOT_SAID;
        }
        long seconds = 0;
        int end = fields.valueOffset(index) + fields.valueLength(index);
        for (int at = fields.valueOffset(index); at < end; at++) {
            int digit = fields.bytes()[at] - '0';
            if (digit < 0 || digit > 9) {
                return SECONDS_MAX * SECOND_NS;
            }
            seconds = Math.min(SECONDS_MAX, seconds * 10 + digit);
        }
        return seconds * SECOND_NS;
    }

    void reset() {
        upstream = null;
        ofUpstream = RetryPlan.SILENT;
        ofRoute = RetryPlan.SILENT;
    }
}
