package io.penstock.plugin;

import io.penstock.http.Fields;
import io.penstock.mark.WorkerConfined;
import io.penstock.metrics.Reason;
import io.penstock.plugin.bridge.ExchangeBudget;
import io.penstock.plugin.js.Hook;
import io.penstock.spi.BodyChunk;
import io.penstock.spi.EndpointView;
import io.penstock.spi.ExchangeSummary;
import io.penstock.spi.Filter;
import io.penstock.spi.FilterCall;
import io.penstock.spi.RequestView;
import io.penstock.spi.ResponseView;
import io.penstock.spi.Verdict;

/** An entry with two versions: each exchange keeps to one of them from its first hook to its last. */
@WorkerConfined
final class CanaryFilter implements Filter {
    private final PluginFilter usual;
    private final PluginFilter canary;
    private final CanaryShare share;
    private final CanaryWatch watch;

    CanaryFilter(PluginFilter usual, PluginFilter canary, CanaryShare share, CanaryWatch watch) {
        this.usual = usual;
        this.canary = canary;
        this.share = share;
        this.watch = watch;
    }

    private PluginFilter side(FilterCall call) {
        ExchangeBudget budget = PluginFilter.budget(call);
        if (!budget.hasSide()) {
            budget.side(!watch.isAborted() && share.takes(call));
        }
        return budget.isCanary() ? canary : usual;
    }

    @Override
    public Verdict onRequest(RequestView request, FilterCall call) {
        return side(call).onRequest(request, call);
    }

    @Override
    public Verdict onUpstreamRequest(RequestView request, EndpointView endpoint, FilterCall call) {
        PluginFilter side = side(call);
        return side.has(Hook.ON_UPSTREAM_REQUEST) ? side.onUpstreamRequest(request, endpoint, call) : Verdict.CONTINUE;
    }

    @Override
    public Verdict onResponse(ResponseView response, FilterCall call) {
        return side(call).onResponse(response, call);
    }

    @Override
    public Verdict onRequestBody(BodyChunk chunk, FilterCall call) {
        PluginFilter side = side(call);
        return side.has(Hook.ON_REQUEST_BODY) ? side.onRequestBody(chunk, call) : Verdict.CONTINUE;
    }

    @Override
    public Verdict onResponseBody(BodyChunk chunk, FilterCall call) {
        PluginFilter side = side(call);
        return side.has(Hook.ON_RESPONSE_BODY) ? side.onResponseBody(chunk, call) : Verdict.CONTINUE;
    }

    @Override
    public Verdict onResponseTrailers(Fields trailers, FilterCall call) {
        PluginFilter side = side(call);
        return side.has(Hook.ON_RESPONSE_TRAILERS) ? side.onResponseTrailers(trailers, call) : Verdict.CONTINUE;
    }

    @Override
    public void onError(Reason reason, String detail, FilterCall call) {
        PluginFilter side = side(call);
        if (side.has(Hook.ON_ERROR)) {
            side.onError(reason, detail, call);
        }
    }

    @Override
    public void onLog(ExchangeSummary summary, FilterCall call) {
        PluginFilter side = side(call);
        if (side.has(Hook.ON_LOG)) {
            side.onLog(summary, call);
        }
    }

    // A ticket is one side's, and the other does not know it.
    @Override
    public void cancelled(long ticket) {
        usual.cancelled(ticket);
        canary.cancelled(ticket);
    }

    @Override
    public void close() {
        usual.close();
        canary.close();
    }
}
