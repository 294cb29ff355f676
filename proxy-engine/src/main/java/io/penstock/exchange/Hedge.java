package io.penstock.exchange;

import io.penstock.mark.WorkerConfined;
import io.penstock.transport.Timer;
import io.penstock.upstream.OpenRequest;
import io.penstock.upstream.Upstream;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The tries of one exchange that are under way at once: where an answer is late, another endpoint is asked too. The first
 * answer that the client may get is taken, and the other tries are given up, which speaks neither for nor against their
 * endpoints.
 *
 * <p>Where it is safe and paid for is said by {@link FurtherTry}: hedges come out of the same budget as tries that follow others, so
 * that endpoints never see more than both together allow. Source: Dean and Barroso, "The tail at scale", 2013; the words are those of gRPC's hedging policy.
 */
@WorkerConfined
final class Hedge extends Timer {
    private final Exchange exchange;
    private final ExchangeContext context;
    private final UpstreamAttempts attempts;
    private final FurtherTry further;
    private final Attempt first;

    // The first, and as many more as an exchange of this slot ever had under way at once.
    private final List<Attempt> all = new ArrayList<>(1);
    private @Nullable Upstream upstream;
    private int left;

    /** Whether there was more than one try at once. */
    private boolean isUsed;

    Hedge(Exchange exchange, ExchangeContext context, UpstreamAttempts attempts, FurtherTry further, Attempt first) {
        this.exchange = exchange;
        this.context = context;
        this.attempts = attempts;
        this.further = further;
        this.first = first;
        all.add(first);
    }

    void begin(Upstream to) {
        upstream = to;
        // What becomes a tunnel may not be begun twice.
        left = exchange.request().isUpgrade() ? 0 : further.hedgesMax();
    }

    /** A try begins after which others may. */
    void tryBegins() {
        if (left > 0) {
            context.wheel().arm(this, context.nowNs() + further.hedgeAfterNs());
        }
    }

    @Override
    protected void expired(long nowNs) {
        Attempt leading = underWay(null);
        if (leading == null || left == 0) {
            return;
        }
        if (mustWait(leading)) {
            context.wheel().arm(this, nowNs + further.hedgeAfterNs());
            return;
        }
        Attempt other = free();
        aim(other.open());
        if (!further.beginsBeside(other.open())) {
            left = 0;
            return;
        }
        isUsed = true;
        left--;
        if (left > 0) {
            context.wheel().arm(this, nowNs + further.hedgeAfterNs());
        }
        attempts.beginBeside(other);
    }

    // The client still sends, or there is a want of connections, which another try would only add to.
    private boolean mustWait(Attempt leading) {
        Upstream to = upstream;
        return (exchange.hasRequestBody() && (!exchange.isRequestComplete() || !leading.isSent()))
                || (to != null && to.pendingRequests() > 0);
    }

    private void aim(OpenRequest open) {
        Upstream to = upstream;
        if (to != null) {
            exchange.filters().steering().aim(open, to);
        }
        for (int i = 0; i < all.size(); i++) {
            if (all.get(i).isUnderWay()) {
                open.avoidAllOf(all.get(i).open());
            }
        }
    }

    private Attempt free() {
        for (int i = 0; i < all.size(); i++) {
            if (!all.get(i).isUnderWay()) {
                all.get(i).open().clear();
                return all.get(i);
            }
        }
        Attempt more = new Attempt(exchange, context, attempts);
        all.add(more);
        return more;
    }

    private @Nullable Attempt underWay(@Nullable Attempt beside) {
        for (int i = 0; i < all.size(); i++) {
            Attempt one = all.get(i);
            if (one != beside && one.isUnderWay()) {
                return one;
            }
        }
        return null;
    }

    /** Whether other tries are under way. */
    boolean hasOthers(Attempt by) {
        return underWay(by) != null;
    }

    /** One of those, which goes on where this cannot. */
    Attempt other(Attempt by) {
        Attempt found = underWay(by);
        if (found == null) {
            throw new IllegalStateException("no other try is under way");
        }
        return found;
    }

    /** Whether the head of another try under way has left. */
    boolean isSentBeside(Attempt by) {
        for (int i = 0; i < all.size(); i++) {
            Attempt one = all.get(i);
            if (one != by && one.isUnderWay() && one.isSent()) {
                return true;
            }
        }
        return false;
    }

    /** The client gets the answer to a try: the others are given up. */
    void answered(Attempt by) {
        stop();
        if (!isUsed) {
            return;
        }
        for (int i = 0; i < all.size(); i++) {
            Attempt late = all.get(i);
            if (late != by && late.isUnderWay()) {
                if (late.open().hasEndpoint()) {
                    exchange.record().tries().cancelled(late.open().endpoint());
                }
                late.abandon();
            }
        }
        exchange.record().tries().won(by.open().endpoint(), by.openedNs(), by.isBeside());
        exchange.relay().answeredBy(by.streamLeft());
    }

    private void stop() {
        left = 0;
        context.wheel().disarm(this);
    }

    /** Gives up whatever is open or pending. */
    void abandon() {
        stop();
        for (int i = 0; i < all.size(); i++) {
            all.get(i).abandon();
        }
    }

    /** Forgets the exchange. @return the try that the next one begins with */
    Attempt reset() {
        upstream = null;
        left = 0;
        isUsed = false;
        for (int i = 0; i < all.size(); i++) {
            all.get(i).open().clear();
        }
        return first;
    }
}
