package io.penstock.spi;

import io.penstock.http.Fields;
import io.penstock.metrics.Reason;

/**
 * One worker's instance of a filter. From the moment its snapshot is adopted only that worker enters it, and only that
 * worker closes it, after the last exchange that holds it has ended.
 */
public interface Filter {
    /** Sees a request before it goes on. */
    default Verdict onRequest(RequestView request, FilterCall call) {
        return Verdict.CONTINUE;
    }

    /**
     * Sees the request once for each try, when its endpoint is known and its head has not left. Edits stay for the tries that
     * follow.
     */
    default Verdict onUpstreamRequest(RequestView request, EndpointView endpoint, FilterCall call) {
        return Verdict.CONTINUE;
    }

    /**
     * Sees a part of the request's body on its way upstream, and at the end one without bytes. While suspended, the client
     * meets back-pressure. May answer as long as the endpoint has not.
     */
    default Verdict onRequestBody(BodyChunk chunk, FilterCall call) {
        return Verdict.CONTINUE;
    }

    /**
     * Sees a part of an endpoint's body on its way to the client, and at the end one without bytes. While suspended, the
     * endpoint meets back-pressure. The head has left: a failure breaks the transfer, and an answer is one.
     */
    default Verdict onResponseBody(BodyChunk chunk, FilterCall call) {
        return Verdict.CONTINUE;
    }

    /** Sees the trailers of an endpoint's body, also where they are none; edits go to the client where its protocol has room. */
    default Verdict onResponseTrailers(Fields trailers, FilterCall call) {
        return Verdict.CONTINUE;
    }

    /** Hears that the exchange is refused or has failed, before the refusal's own response hooks run. */
    default void onError(Reason reason, String detail, FilterCall call) {}

    /** Hears of the end of the exchange, after the reply has left. */
    default void onLog(ExchangeSummary summary, FilterCall call) {}

    /** Sees a response's head before it goes to the client. */
    default Verdict onResponse(ResponseView response, FilterCall call) {
        return Verdict.CONTINUE;
    }

    /** The exchange that waits for {@code ticket} has ended; resuming it is of no effect from now on. */
    default void cancelled(long ticket) {}

    /** Lets go of what the instance holds. */
    default void close() {}
}
