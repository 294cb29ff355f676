package io.penstock.plugin.bridge;

import io.penstock.mark.WorkerConfined;
import io.penstock.plugin.budget.FaultCode;
import io.penstock.plugin.budget.HookMeter;
import io.penstock.plugin.kv.WorkerStore;
import io.penstock.spi.Answer;
import io.penstock.spi.BodyReader;
import io.penstock.spi.FilterCall;
import io.penstock.spi.FilterWorker;
import io.penstock.spi.Outbound;
import java.nio.ByteBuffer;
import org.graalvm.polyglot.HostAccess;
import org.graalvm.polyglot.Value;
import org.jspecify.annotations.Nullable;

/**
 * One call of a hook as the script sees it, and what came of it. A script may keep it for ever; once the hook has ended
 * every method but {@link #log} says so instead of touching an exchange that is somebody else's by then.
 *
 * <p>Methods for the script return null or a text that says what is wrong, rather than throw.
 */
@WorkerConfined
public final class ScriptCall {
    /** The hook has nothing to say against going on. */
    public static final int CONTINUE = 0;

    /** The hook answers; see {@link #answer()}. */
    public static final int ANSWERED = 1;

    /** The hook returned a promise. */
    public static final int WAITS = 2;

    /** The hook failed; see {@link #failure()}. */
    public static final int FAILED = 3;

    private static final int FAILURE_CHARS_MAX = 8_000;
    private static final int NAME_CHARS_MAX = 128;

    private final ScriptHost host;
    private final CallSubject subject;
    private @Nullable FilterCall call;
    private final String pluginName;
    private final ExchangeBudget budget;
    private final Undertakings undertakings = new Undertakings();
    // Few hooks answer.
    private @Nullable AnswerDraft draft;
    private String failure = "";
    private String faultCode = FaultCode.THREW.code();
    private int settled = WAITS;
    private long ticket = -1;
    private @Nullable HookMeter meter;

    /**
     * Makes the call of one hook.
     *
     * @param pluginName what the plugin's own variables begin with
     * @param subject what the hook is about
     * @param budget what is left to the exchange
     */
    public ScriptCall(ScriptHost host, String pluginName, FilterCall call, CallSubject subject, ExchangeBudget budget) {
        this.host = host;
        this.pluginName = pluginName;
        this.call = call;
        this.subject = subject;
        this.budget = budget;
    }

    /** The answer that the hook gave. */
    public @Nullable Answer answer() {
        return draft == null ? null : draft.answer();
    }

    /** Why the hook failed, with its stack as the engine tells it. */
    public String failure() {
        return failure;
    }

    /** The stable code of the failure: what the script threw, or why it was stopped. */
    public String faultCode() {
        return faultCode;
    }

    /** Notes that the script was stopped under this call. */
    public void broken(String code) {
        faultCode = code;
    }

    /** What the promise came to; {@link #WAITS} as long as it has not. */
    public int settledOutcome() {
        return settled;
    }

    /** Whether the hook may still act. */
    public boolean isLive() {
        return call != null;
    }

    /** What the exchange has used up. */
    public ExchangeBudget budget() {
        return budget;
    }

    /** Says who counts what the hook leaves to run later. */
    public void meter(HookMeter ofHook) {
        meter = ofHook;
    }

    /** Charges the exchange for a piece of script that the hook left to run later. */
    public void ranLater(long cpuNs, boolean isYoung) {
        budget.addCpu(cpuNs, isYoung);
        if (meter != null) {
            meter.ranLater(cpuNs);
        }
    }

    /** The exchange, for the one who runs the hook; null once it is over. */
    public @Nullable FilterCall exchange() {
        return call;
    }

    /** The ticket under which the exchange waits; negative if it does not. */
    public long ticket() {
        return ticket;
    }

    /** Notes that the exchange waits. */
    public void ticket(long suspended) {
        ticket = suspended;
    }

    /** Ends the hook: it can do nothing to the exchange any more. What it started on its own may come to its end. */
    public void end() {
        call = null;
    }

    /**
     * Ends the hook because nobody wants its outcome: requests of its own are given up, and their replies go nowhere. What it
     * fetches for other calls too comes to its end first.
     */
    public void abandon() {
        call = null;
        undertakings.unwanted();
    }

    /** Ends the hook, whoever else waits for what it has begun. */
    public void giveUp() {
        call = null;
        undertakings.giveUp();
    }

    /** Notes that the script has begun something for other calls too. */
    @HostAccess.Export
    public void flightBegan() {
        undertakings.flightBegan();
    }

    /** Notes its end. */
    @HostAccess.Export
    public void flightEnded() {
        undertakings.flightEnded();
    }

    /** Whether nobody wants its outcome, nor anything that it has begun. */
    public boolean isAbandoned() {
        return undertakings.areGivenUp();
    }

    FilterCall requireLive() {
        FilterCall live = call;
        if (live == null) {
            throw new IllegalStateException("this hook is over; what it was called with can no longer be used");
        }
        return live;
    }

    void remember(Outbound.Call open) {
        undertakings.add(open);
    }

    /**
     * What the hook is about, as the script sees it: a {@link HostRequest}, a {@link HostResponse}, a {@link HostChunk}, the
     * {@link HostFields} of trailers, or JSON text of an error or of what the log says.
     */
    public Object about() {
        if (subject.bodyChunk() != null) {
            return new HostChunk(this, subject.bodyChunk());
        }
        if (subject.trailerFields() != null) {
            return new HostFields(this, subject::trailers);
        }
        if (subject.error() != null) {
            return CallJson.error(subject.error());
        }
        if (subject.summary() != null) {
            return CallJson.summary(subject.summary(), requireLive());
        }
        return subject.response() == null ? new HostRequest(this, subject) : new HostResponse(this, subject.response());
    }

    @Nullable
    String setHost(String value) {
        return subject.response() == null && subject.request().hostHeader(value)
                ? null
                : "\"" + shortened(value) + "\" is no acceptable host";
    }

    // The exchange around it.

    @HostAccess.Export
    public String route() {
        return requireLive().route();
    }

    @HostAccess.Export
    public String requestId() {
        return requireLive().requestId();
    }

    @HostAccess.Export
    public String clientAddress() {
        return requireLive().client().address();
    }

    @HostAccess.Export
    public int clientPort() {
        return requireLive().client().port();
    }

    @HostAccess.Export
    public String clientListener() {
        return requireLive().client().listener();
    }

    @HostAccess.Export
    public boolean isClientSecure() {
        return requireLive().client().isSecure();
    }

    @HostAccess.Export
    public String identity() {
        return CallJson.identity(requireLive().identity());
    }

    @HostAccess.Export
    @Nullable
    public String identify(String json) {
        return CallJson.identify(json, requireLive());
    }

    @HostAccess.Export
    @Nullable
    public Object variable(String name) {
        return requireLive().variable(name.indexOf('/') < 0 ? pluginName + "/" + name : name);
    }

    @HostAccess.Export
    @Nullable
    public String setVariable(String name, Object value) {
        if (name.isEmpty() || name.length() > NAME_CHARS_MAX || name.indexOf('/') >= 0) {
            return "a variable's name has 1 to " + NAME_CHARS_MAX
                    + " characters and no slash: a plugin sets only its own";
        }
        requireLive().variable(pluginName + "/" + name, value);
        return null;
    }

    /** JSON text of the endpoint that a try goes to; {@code null} where none is known. */
    @HostAccess.Export
    public String endpoint() {
        return CallJson.endpoint(subject.endpoint());
    }

    @HostAccess.Export
    public HostSteering steering() {
        return new HostSteering(host, this);
    }

    @HostAccess.Export
    public double limit(String policy, String key) {
        FilterWorker worker = requireLive().worker();
        return (double) worker.tryAcquire(policy, key);
    }

    @HostAccess.Export
    public void count(String name, double by) {
        host.count(name, by);
    }

    @HostAccess.Export
    public void log(String level, String text) {
        FilterCall live = call;
        host.log(level, live == null ? "" : live.requestId(), text);
    }

    // Bodies.

    @HostAccess.Export
    public void readBody(Value resolve, Value reject) {
        requireLive().readBody(host.grants().bodyBytesMax(), new BodyReader() {
            @Override
            public void complete(byte[] body) {
                host.soon(ScriptCall.this, () -> resolve.executeVoid(ByteBuffer.wrap(body)));
            }

            @Override
            public void tooLarge() {
                host.soon(
                        ScriptCall.this,
                        () -> reject.executeVoid("the body is longer than limits.bodyBytes of the manifest, "
                                + host.grants().bodyBytesMax() + " bytes"));
            }
        });
    }

    @HostAccess.Export
    @Nullable
    public String setBody(Value bytes) {
        requireLive().body(GuestBytes.of(bytes));
        return null;
    }

    @HostAccess.Export
    public void skipBody() {
        requireLive().skipBody();
    }

    // What came of it.

    @HostAccess.Export
    @Nullable
    public String answer(int status, Value pairs, Value body) {
        requireLive();
        return draft().own(status, pairs, body);
    }

    @HostAccess.Export
    @Nullable
    public String reject(double status, String reason, String detail, String challenge) {
        return draft().rejection(
                        status, reason, detail, challenge, requireLive().requestId());
    }

    private AnswerDraft draft() {
        AnswerDraft begun = draft;
        if (begun == null) {
            begun = new AnswerDraft();
            draft = begun;
        }
        return begun;
    }

    /** What the hook gave is no answer that the gateway could send. */
    @HostAccess.Export
    public int badAnswer(String description) {
        faultCode = FaultCode.BAD_ANSWER.code();
        return failed("TypeError: " + description);
    }

    @HostAccess.Export
    public int failed(String description) {
        failure = description.length() > FAILURE_CHARS_MAX ? description.substring(0, FAILURE_CHARS_MAX) : description;
        return FAILED;
    }

    @HostAccess.Export
    public void settled(int outcome) {
        if (settled == WAITS) {
            settled = outcome;
            host.settled(this);
        }
    }

    // The store.

    @HostAccess.Export
    @Nullable
    public String storeFault(String namespace) {
        if (!host.grants().namespaces().contains(namespace)) {
            return "namespace \"" + shortened(namespace) + "\" is not among permissions.kv of the manifest";
        }
        return host.store() == null ? "this gateway has no key-value store" : null;
    }

    @HostAccess.Export
    public HostStore store(String namespace) {
        WorkerStore store = host.store();
        if (store == null || !host.grants().namespaces().contains(namespace)) {
            throw new IllegalStateException("the plugin has no such namespace");
        }
        return new HostStore(host, this, store, namespace);
    }

    static String shortened(String text) {
        return text.length() > 80 ? text.substring(0, 80) + "..." : text;
    }
}
