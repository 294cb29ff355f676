package io.penstock.exchange;

import io.penstock.mark.WorkerConfined;
import io.penstock.snapshot.RouteAction;
import io.penstock.spi.UpstreamSteering;
import io.penstock.upstream.Endpoint;
import io.penstock.upstream.OpenRequest;
import io.penstock.upstream.Upstream;
import org.jspecify.annotations.Nullable;

/** What filters said about where one exchange's request goes. */
@WorkerConfined
final class Steering implements UpstreamSteering {
    private final Exchange exchange;
    private final ExchangeContext context;
    private @Nullable Upstream chosen;
    private @Nullable Endpoint preferred;
    private @Nullable String hashKey;
    private boolean isSingleTry;

    Steering(Exchange exchange, ExchangeContext context) {
        this.exchange = exchange;
        this.context = context;
    }

    /** Where the request goes. */
    Upstream upstream(RouteAction.Forward forward) {
        Upstream steered = chosen;
        return steered == null ? context.upstreams().find(forward.upstreamId()) : steered;
    }

    /** Whether the request goes to another upstream than the route's. */
    boolean isElsewhere() {
        return chosen != null;
    }

    /** Says by which endpoint, or by which key, the request is to be sent. */
    void aim(OpenRequest open, Upstream to) {
        open.prefer(preferred);
        if (to.wantsClient()) {
            open.client(ProxyIdentity.of(
                    exchange.stream(),
                    exchange.clientAddress(),
                    exchange.record().requestId()));
        }
        String key = hashKey;
        if (key != null && to.hashes()) {
            to.hash(open, key);
        } else {
            to.aim(open, exchange.request(), exchange.clientAddress());
        }
    }

    /** Whether a try that failed is the last one. */
    boolean isSingleTry() {
        return isSingleTry;
    }

    @Override
    public boolean use(String upstream) {
        Upstream found = context.upstreams().find(upstream);
        if (found == null) {
            return false;
        }
        chosen = found;
        return true;
    }

    @Override
    public boolean hashKey(String key) {
        if (!(exchange.route().action() instanceof RouteAction.Forward forward)
                || !upstream(forward).hashes()) {
            return false;
        }
        hashKey = key;
        return true;
    }

    @Override
    public boolean prefer(String address) {
        if (!(exchange.route().action() instanceof RouteAction.Forward forward)) {
            return false;
        }
        Endpoint found = upstream(forward).endpoint(address);
        if (found == null) {
            return false;
        }
        preferred = found;
        return true;
    }

    @Override
    public void totalTimeoutMs(long milliseconds) {
        if (milliseconds < 1) {
            throw new IllegalArgumentException("found a total timeout of " + milliseconds + " ms, wanted at least 1");
        }
        exchange.boundTotal(Math.min(milliseconds, Long.MAX_VALUE / 4_000_000L) * 1_000_000L);
    }

    @Override
    public void noRetry() {
        isSingleTry = true;
    }

    void reset() {
        chosen = null;
        preferred = null;
        hashKey = null;
        isSingleTry = false;
    }
}
