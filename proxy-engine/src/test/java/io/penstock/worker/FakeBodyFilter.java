package io.penstock.worker;

import io.penstock.http.Fields;
import io.penstock.metrics.Reason;
import io.penstock.spi.BodyChunk;
import io.penstock.spi.EndpointView;
import io.penstock.spi.ExchangeSummary;
import io.penstock.spi.Filter;
import io.penstock.spi.FilterCall;
import io.penstock.spi.FilterPhase;
import io.penstock.spi.FilterWorker;
import io.penstock.spi.PreparedFilter;
import io.penstock.spi.RequestView;
import io.penstock.spi.ResponseView;
import io.penstock.spi.Verdict;
import io.penstock.spi.WorkerId;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A filter that has exactly the hooks that the test gives it, and notes what they see. */
public final class FakeBodyFilter implements PreparedFilter, Filter {
    private final List<String> seen = new ArrayList<>();
    private final List<Long> tickets = new ArrayList<>();
    private final List<Long> cancelled = new ArrayList<>();
    private @Nullable Function<FilterCall, Verdict> onRequest;
    private @Nullable Function<FilterCall, Verdict> onUpstreamRequest;
    private @Nullable Function<FilterCall, Verdict> onResponse;
    private @Nullable BiFunction<BodyChunk, FilterCall, Verdict> onRequestBody;
    private @Nullable BiFunction<BodyChunk, FilterCall, Verdict> onResponseBody;
    private @Nullable BiFunction<Fields, FilterCall, Verdict> onTrailers;
    private boolean keepsLength;
    private boolean decodes;
    private boolean hearsErrors;
    private boolean hearsEnds;
    private @Nullable FilterWorker worker;

    public FakeBodyFilter onRequest(Function<FilterCall, Verdict> hook) {
        onRequest = hook;
        return this;
    }

    public FakeBodyFilter onUpstreamRequest(Function<FilterCall, Verdict> hook) {
        onUpstreamRequest = hook;
        return this;
    }

    public FakeBodyFilter onResponse(Function<FilterCall, Verdict> hook) {
        onResponse = hook;
        return this;
    }

    public FakeBodyFilter onRequestBody(BiFunction<BodyChunk, FilterCall, Verdict> hook) {
        onRequestBody = hook;
        return this;
    }

    public FakeBodyFilter onResponseBody(BiFunction<BodyChunk, FilterCall, Verdict> hook) {
        onResponseBody = hook;
        return this;
    }

    public FakeBodyFilter onTrailers(BiFunction<Fields, FilterCall, Verdict> hook) {
        onTrailers = hook;
        return this;
    }

    public FakeBodyFilter keepsLength() {
        keepsLength = true;
        return this;
    }

    public FakeBodyFilter decodes() {
        decodes = true;
        return this;
    }

    public FakeBodyFilter hearsErrors() {
        hearsErrors = true;
        return this;
    }

    public FakeBodyFilter hearsEnds() {
        hearsEnds = true;
        return this;
    }

    /** Sees every part in capital letters. */
    public static Verdict upper(BodyChunk chunk, FilterCall call) {
        if (chunk.length() > 0) {
            chunk.replace(text(chunk).toUpperCase(java.util.Locale.ROOT).getBytes(StandardCharsets.UTF_8));
        }
        return Verdict.CONTINUE;
    }

    /** What a part holds. */
    public static String text(BodyChunk chunk) {
        byte[] bytes = new byte[chunk.length()];
        chunk.buffer().getBytes(chunk.offset(), bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }

    /** Takes a ticket and says that it waits. */
    public Verdict suspend(FilterCall call) {
        tickets.add(call.suspend());
        return Verdict.SUSPENDED;
    }

    public void resume(Verdict verdict) {
        FilterWorker entered = worker;
        if (entered == null) {
            throw new AssertionError("the filter was never called");
        }
        entered.resume(tickets.getLast(), verdict);
    }

    /** What the hooks noted. */
    public List<String> seen() {
        return seen;
    }

    public List<Long> tickets() {
        return tickets;
    }

    public List<Long> cancelled() {
        return cancelled;
    }

    @Override
    public String name() {
        return "fake-body";
    }

    @Override
    public FilterPhase phase() {
        return FilterPhase.TRANSFORM;
    }

    @Override
    public boolean hasRequestHook() {
        return onRequest != null;
    }

    @Override
    public boolean hasUpstreamRequestHook() {
        return onUpstreamRequest != null;
    }

    @Override
    public boolean hasResponseHook() {
        return onResponse != null;
    }

    @Override
    public boolean hasRequestBodyHook() {
        return onRequestBody != null;
    }

    @Override
    public boolean hasResponseBodyHook() {
        return onResponseBody != null;
    }

    @Override
    public boolean hasTrailersHook() {
        return onTrailers != null;
    }

    @Override
    public boolean keepsBodyLength() {
        return keepsLength;
    }

    @Override
    public boolean decodesBody() {
        return decodes;
    }

    @Override
    public boolean hasErrorHook() {
        return hearsErrors;
    }

    @Override
    public boolean hasLogHook() {
        return hearsEnds;
    }

    @Override
    public Filter open(WorkerId id) {
        return this;
    }

    @Override
    public Verdict onRequest(RequestView request, FilterCall call) {
        worker = call.worker();
        return onRequest == null ? Verdict.CONTINUE : onRequest.apply(call);
    }

    @Override
    public Verdict onUpstreamRequest(RequestView request, EndpointView endpoint, FilterCall call) {
        worker = call.worker();
        seen.add("try " + endpoint.attempt() + " " + endpoint.upstream() + " " + endpoint.address());
        return onUpstreamRequest == null ? Verdict.CONTINUE : onUpstreamRequest.apply(call);
    }

    @Override
    public Verdict onResponse(ResponseView response, FilterCall call) {
        worker = call.worker();
        return onResponse == null ? Verdict.CONTINUE : onResponse.apply(call);
    }

    @Override
    public Verdict onRequestBody(BodyChunk chunk, FilterCall call) {
        worker = call.worker();
        note(chunk);
        return onRequestBody == null ? Verdict.CONTINUE : onRequestBody.apply(chunk, call);
    }

    @Override
    public Verdict onResponseBody(BodyChunk chunk, FilterCall call) {
        worker = call.worker();
        note(chunk);
        return onResponseBody == null ? Verdict.CONTINUE : onResponseBody.apply(chunk, call);
    }

    private void note(BodyChunk chunk) {
        seen.add(text(chunk) + (chunk.isLast() ? "." : ""));
    }

    @Override
    public Verdict onResponseTrailers(Fields trailers, FilterCall call) {
        worker = call.worker();
        seen.add("trailers " + trailers.count());
        return onTrailers == null ? Verdict.CONTINUE : onTrailers.apply(trailers, call);
    }

    @Override
    public void onError(Reason reason, String detail, FilterCall call) {
        seen.add("error " + reason.code() + " " + call.request().path());
    }

    @Override
    public void onLog(ExchangeSummary summary, FilterCall call) {
        seen.add("log " + summary.status() + " " + summary.reason() + " " + summary.requestBytes() + "/"
                + summary.responseBytes() + " " + summary.upstream() + " " + summary.endpoint() + " "
                + summary.attempts() + " " + call.request().path() + " "
                + call.client().address());
    }

    @Override
    public void cancelled(long ticket) {
        cancelled.add(ticket);
    }
}
