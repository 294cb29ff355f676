package io.penstock.exchange;

import io.penstock.coding.ContentCoding;
import io.penstock.config.ServiceConfig;
import io.penstock.mark.WorkerConfined;
import io.penstock.metrics.HookOutcome;
import io.penstock.metrics.Reason;
import io.penstock.snapshot.FilterSlot;
import io.penstock.spi.BodyReader;
import io.penstock.spi.ClientView;
import io.penstock.spi.Credential;
import io.penstock.spi.Filter;
import io.penstock.spi.FilterCall;
import io.penstock.spi.FilterPhase;
import io.penstock.spi.FilterWorker;
import io.penstock.spi.Identity;
import io.penstock.spi.RequestCopy;
import io.penstock.spi.RequestView;
import io.penstock.spi.UpstreamSteering;
import io.penstock.spi.Verdict;
import io.penstock.transport.Timer;
import io.penstock.upstream.Upstream;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One direction of an exchange as its filters meet it. A request's body may still be on its way when its response comes,
 * so there is one for each direction, and each waits for at most one hook.
 *
 * <p>What a filter holds of it is good while its hook runs and while that is waited for; afterwards every question is
 * refused, since the exchange may be somebody else's.
 *
 * <p>A ticket is the exchange's slot in its pool with a count of the worker's suspensions, so that a ticket of an
 * earlier life, or one resumed already, matches nothing.
 */
@WorkerConfined
final class HookCall implements FilterCall {
    private static final Logger LOG = LoggerFactory.getLogger(HookCall.class);
    private static final long NO_TICKET = -1;

    private final Exchange exchange;
    private final ExchangeContext context;
    private final FilterRun run;
    private final RequestEdits request;
    private final SuspensionTimer suspensionTimer = new SuspensionTimer();

    private Hook hook = Hook.NONE;
    private boolean isCancelling;
    private int entry;
    private long ticket = NO_TICKET;
    private @Nullable Filter suspended;
    private @Nullable Verdict early;

    HookCall(Exchange exchange, ExchangeContext context, FilterRun run) {
        this.exchange = exchange;
        this.context = context;
        this.run = run;
        this.request = new RequestEdits(exchange.request(), exchange.parameters());
        request.close();
    }

    // ---- for the walk ----

    /** Calls a hook. @return its verdict; {@code SUSPENDED} if the exchange has to wait for it */
    Verdict enter(int at, Hook next) {
        FilterSlot slot = run.chain().slot(at);
        Filter filter = slot.of(context.worker().id().index());
        open(at, next);
        long beganNs = context.filterMeter().begin(slot);
        Verdict verdict;
        try {
            verdict = run.call(filter, next, request, this);
        } catch (RuntimeException defect) {
            verdict = run.threw(slot, defect);
        }
        context.filterMeter().end(slot, next, verdict, beganNs);
        if (verdict instanceof Verdict.Suspended) {
            if (ticket == NO_TICKET) {
                verdict = new Verdict.Failed(
                        Reason.FILTER_FAILED,
                        "filter \"" + slot.prepared().name() + "\" returned SUSPENDED without calling suspend()");
            } else if (early != null) {
                verdict = early;
            } else {
                suspended = filter;
                context.wheel().arm(suspensionTimer, run.suspensionEndNs());
                return verdict;
            }
        }
        close();
        return verdict;
    }

    /** Lets a filter be told something: it may look, and may not wait. */
    void tell(int at, Hook told, Consumer<Filter> hook) {
        FilterSlot slot = run.chain().slot(at);
        open(at, told);
        try {
            hook.accept(slot.of(context.worker().id().index()));
        } catch (RuntimeException defect) {
            run.threw(slot, defect);
        }
        close();
    }

    private void open(int at, Hook next) {
        hook = next;
        entry = at;
        request.open();
    }

    private void close() {
        hook = Hook.NONE;
        ticket = NO_TICKET;
        early = null;
        request.close();
    }

    /** Whether a hook is waited for. */
    boolean isWaiting() {
        return suspended != null;
    }

    /** Goes on after a suspension. @return false if the ticket is not the one waited for here */
    boolean resume(long given, Verdict verdict) {
        if (given != ticket || hook == Hook.NONE) {
            return false;
        }
        if (verdict instanceof Verdict.Suspended) {
            throw new IllegalArgumentException("a filter cannot resume with SUSPENDED");
        }
        if (suspended == null) {
            early = verdict;
            return true;
        }
        Hook was = hook;
        suspended = null;
        context.wheel().disarm(suspensionTimer);
        close();
        run.resumed(this, entry, was, verdict);
        return true;
    }

    /** Tells a filter that is waited for that nobody waits any more. */
    void cancel() {
        Filter waiting = suspended;
        if (waiting != null) {
            long ended = ticket;
            suspended = null;
            context.wheel().disarm(suspensionTimer);
            close();
            isCancelling = true;
            try {
                waiting.cancelled(ended);
            } catch (RuntimeException defect) {
                LOG.error("a filter threw while it was told of a cancelled exchange", defect);
            }
            isCancelling = false;
        }
    }

    // ---- for the filter ----

    private Hook requireHook() {
        if (hook == Hook.NONE) {
            throw new IllegalStateException("the hook is over; what it was called with can no longer be used");
        }
        return hook;
    }

    @Override
    public long suspend() {
        if (requireHook() == Hook.ERROR || hook == Hook.LOG) {
            throw new IllegalStateException("nobody waits for this hook");
        }
        if (ticket == NO_TICKET) {
            ticket = run.nextTicket();
        }
        return ticket;
    }

    @Override
    public FilterWorker worker() {
        return context.worker();
    }

    @Override
    public String route() {
        requireHook();
        return exchange.route().name();
    }

    @Override
    public String requestId() {
        requireHook();
        return exchange.record().requestId().toString();
    }

    @Override
    public ClientView client() {
        requireHook();
        return run.client();
    }

    @Override
    public RequestView request() {
        requireHook();
        return request;
    }

    @Override
    @Nullable
    public Object attachment() {
        requireHook();
        return run.notes().attachment(entry);
    }

    @Override
    public void attach(@Nullable Object attachment) {
        requireHook();
        run.notes().attach(entry, run.chain().size(), attachment);
    }

    @Override
    @Nullable
    public Object variable(String name) {
        requireHook();
        return run.notes().variable(name);
    }

    @Override
    public void variable(String name, Object value) {
        requireHook();
        run.notes().variable(name, value);
    }

    @Override
    @Nullable
    public Identity identity() {
        requireHook();
        return run.notes().identity();
    }

    @Override
    public void identify(Identity identity) {
        requireAuth();
        run.notes().identify(identity);
    }

    @Override
    public void identify(Credential credential) {
        requireAuth();
        credential.lastUse().tell(context.worker().epochMs());
        run.notes().identify(credential.identity(), credential);
    }

    @Override
    public void challenge(String challenge) {
        requireAuth();
        run.notes().challenge(challenge);
    }

    private void requireAuth() {
        if (requireHook() != Hook.REQUEST || run.chain().slot(entry).prepared().phase() != FilterPhase.AUTH) {
            throw new IllegalStateException("only a request hook of the phase AUTH finds out who calls");
        }
    }

    @Override
    public void refusal(Reason reason, int status, long retryAfterNs) {
        requireHook();
        exchange.ownAnswer().special(reason, status, retryAfterNs);
    }

    @Override
    public void faultInjected() {
        requireHook();
        exchange.record().faultInjected();
    }

    @Override
    public UpstreamSteering upstream() {
        if (requireHook() != Hook.REQUEST) {
            throw new IllegalStateException("where a request goes is decided in its request hooks");
        }
        return run.steering();
    }

    @Override
    public void readBody(int bytesMax, BodyReader reader) {
        if (isOfRequestHead()) {
            exchange.requestBody().read(bytesMax, decodesBody(), reader);
        } else {
            exchange.responseBody().read(bytesMax, decodesBody(), reader);
        }
    }

    @Override
    public void body(byte[] body) {
        if (isOfRequestHead()) {
            exchange.requestBody().replace(body, decodesBody());
        } else {
            exchange.responseBody().replace(body, decodesBody());
        }
    }

    @Override
    public @Nullable RequestCopy copyRequest(String service, int bodyBytesMax, long timeoutNs) {
        if (requireHook() != Hook.REQUEST) {
            throw new IllegalStateException("a request is copied in its request hooks");
        }
        ServiceConfig to = context.pins()
                .current()
                .snapshot()
                .services()
                .find(service)
                .filter(ServiceConfig::enabled)
                .orElse(null);
        Upstream upstream = to == null ? null : context.upstreams().find(to.upstream());
        if (to == null || upstream == null) {
            context.mirrors().unknown();
            return null;
        }
        if (exchange.request().contentLength() > bodyBytesMax) {
            context.mirrors().tooLong();
            return null;
        }
        return context.mirrors().begin(exchange.request(), upstream, to.hostHeader(), bodyBytesMax, timeoutNs);
    }

    @Override
    public void encodeBody(ContentCoding coding, int effort) {
        if (requireHook() != Hook.RESPONSE) {
            throw new IllegalStateException("a response's coding is decided while its head is looked at");
        }
        exchange.responseBody().encode(coding, effort);
    }

    @Override
    public void decodeBody(long bytesMax) {
        if (requireHook() != Hook.REQUEST) {
            throw new IllegalStateException(
                    "what becomes of a request's coding is decided while its head is looked at");
        }
        exchange.requestBody().decode(bytesMax);
    }

    @Override
    public void skipBody() {
        run.chain().skipBody(entry, isOfRequestHead());
    }

    @Override
    public void cost(byte[] name, byte[] of, long cpuNs, long waitedNs, HookOutcome outcome, String code) {
        if (!isCancelling) {
            requireHook();
        }
        exchange.record().cost(entry, name, of, cpuNs, waitedNs, outcome, code);
    }

    private boolean decodesBody() {
        return run.chain().prepared(entry).decodesBody();
    }

    private boolean isOfRequestHead() {
        Hook running = requireHook();
        if (running != Hook.REQUEST && running != Hook.RESPONSE) {
            throw new IllegalStateException("what becomes of a body is decided while its head is looked at");
        }
        return running == Hook.REQUEST;
    }

    private final class SuspensionTimer extends Timer {
        @Override
        protected void expired(long nowNs) {
            run.suspendedTooLong(HookCall.this, entry, hook);
        }
    }
}
