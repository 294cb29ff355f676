package io.penstock.spi;

import io.penstock.coding.ContentCoding;
import io.penstock.metrics.HookOutcome;
import io.penstock.metrics.Reason;
import org.jspecify.annotations.Nullable;

/**
 * What a filter may ask about the exchange it is called for. Valid during the hook and, where it suspends,
 * until it is resumed or cancelled; afterwards every question throws {@link IllegalStateException}.
 */
public interface FilterCall extends RequestValues {
    /** The worker that runs the exchange. */
    FilterWorker worker();

    /** The route's name. */
    @Override
    String route();

    /** The exchange's request id. */
    @Override
    String requestId();

    /** Where the request came from. */
    @Override
    ClientView client();

    /** The request, in every hook; edits after its head has left are of no effect. */
    @Override
    RequestView request();

    /**
     * What this filter kept with the exchange, null at first. Each entry of the chain has its own place.
     */
    @Nullable
    Object attachment();

    /** Keeps something with the exchange until it has ended. */
    void attach(@Nullable Object attachment);

    /** A value that a filter of this exchange has set; null if none did. Names look like {@code token-guard/tenant}. */
    @Nullable
    Object variable(String name);

    /**
     * Sets a value for the filters that follow. An exchange keeps 64 of them.
     */
    void variable(String name, Object value);

    /** Who the request comes from; null as long as nobody found out. */
    @Override
    @Nullable
    Identity identity();

    /** Says who the request comes from. Only in {@link FilterPhase#AUTH}; the filters of that phase that follow are left out. */
    void identify(Identity identity);

    /** Says by which credential of the configuration the request is known; as {@link #identify(Identity)} does. */
    default void identify(Credential credential) {
        identify(credential.identity());
    }

    /** Adds a challenge for {@code WWW-Authenticate}, sent if nobody identifies the request, or it ends with 401. */
    void challenge(String challenge);

    /**
     * Says how a refusal for a reason, if this exchange comes to it, differs from others for that reason.
     *
     * @param status what the client sees, 400 to 599
     * @param retryAfterNs when it may try again, 0 for not saying so
     */
    default void refusal(Reason reason, int status, long retryAfterNs) {}

    /** Marks the exchange, in the access log and the trail, as one that was delayed on purpose, and counts it. */
    default void faultInjected() {}

    /** Where and how the request goes, in request hooks. */
    UpstreamSteering upstream();

    /**
     * Collects the whole body of the message whose head hook is running: of the request in {@code onRequest}, of the
     * response in {@code onResponse}. The hook must suspend; the bytes go on unchanged unless {@link #body} replaces them.
     * A second call gives the same bytes, perhaps before it returns. A hook that goes on before the body is complete has failed.
     * A filter that {@link PreparedFilter#decodesBody wants bodies decoded} gets this one so.
     */
    void readBody(int bytesMax, BodyReader reader);

    /**
     * Replaces the whole body of the message whose head hook is running, also where none was. The gateway sets the length
     * and drops fields that described the old one (digests, {@code ETag} of a response, {@code Content-Encoding}). For a filter
     * that wants bodies decoded it does the coding of the old one again, unless the head then names another.
     */
    void body(byte[] body);

    /**
     * Begins a copy of the request, as its head is now, for another service of the config; only in {@code onRequest}. Null if the
     * service is not there, the body is known to be too long, or this worker has no room for another copy.
     *
     * @param service its name
     * @param bodyBytesMax the longest body that is copied
     * @param timeoutNs how long the answer may take
     */
    default @Nullable RequestCopy copyRequest(String service, int bodyBytesMax, long timeoutNs) {
        return null;
    }

    /**
     * Has an endpoint's body coded for the client, behind all hooks; only in {@code onResponse}. Of no effect where it has a coding
     * by then, where there is no body, and where this worker codes too many already. The head is made to say so.
     *
     * @param effort {@link ContentCoding#FAST} to {@link ContentCoding#SMALL}
     */
    default void encodeBody(ContentCoding coding, int effort) {}

    /**
     * Has the coding of the request's body undone on its way to the endpoint, if it is one that is known; only in
     * {@code onRequest}.
     *
     * @param bytesMax how long it may come to be
     */
    default void decodeBody(long bytesMax) {}

    /** Leaves this filter out of the body hooks of the message whose head hook is running. */
    void skipBody();

    /**
     * Tells, for the trail, what a call of one of this filter's hooks has cost. Calls of one hook add up. May be called until the
     * hook has said its verdict, and inside {@link Filter#cancelled}; in {@link Filter#onLog} the trail is written already, and
     * it is of no effect.
     *
     * @param name of the filter with its version, ASCII; the array is kept for a while and not to be written to
     * @param hook its author's name of the hook, ASCII; likewise
     * @param cpuNs inside the hook
     * @param waitedNs from the hook's begin to its verdict if the exchange waited for it, else 0
     * @param code the filter's stable code of what went wrong; empty if nothing did
     */
    default void cost(byte[] name, byte[] hook, long cpuNs, long waitedNs, HookOutcome outcome, String code) {}

    /**
     * Announces that the hook will return {@link Verdict#SUSPENDED}.
     *
     * @return the ticket for {@link FilterWorker#resume}; also told to {@link Filter#cancelled} if the exchange ends first
     */
    long suspend();
}
