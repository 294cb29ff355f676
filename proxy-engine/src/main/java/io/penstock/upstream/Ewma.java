package io.penstock.upstream;

import io.penstock.mark.WorkerConfined;
import org.jspecify.annotations.Nullable;

/**
 * Of two endpoints chosen by chance, the one that would answer sooner takes the request: the cost is the average time to the
 * first byte, the newer the heavier, times one and the requests in flight on this worker by weight. Source: the peak
 * EWMA balancer of Finagle.
 */
@WorkerConfined
final class Ewma implements Balancer {
    // Averages that differ by less are as good as equal, and then chance has decided by weight. Else the one that was
    // not
    // asked for a moment, whose past has faded by that much, would always win.
    private static final double NOTICEABLE = 1.25;

    private final TwoChoices choices;
    private final UpstreamWorker worker;

    Ewma(UpstreamWorker worker) {
        this.worker = worker;
        this.choices = new TwoChoices(worker.chance(), this::isCheaper);
    }

    @Override
    public @Nullable Endpoint choose(Endpoint[] usable, OpenRequest request) {
        return choices.choose(usable, request);
    }

    @Override
    public void endpointsChanged(Endpoint[] usable, EndpointList all) {
        choices.weigh(usable);
    }

    @Override
    public void weightsChanged(Endpoint[] usable) {
        choices.weigh(usable);
    }

    // Weight has decided how often each is drawn; here it only says how much load weighs.
    private boolean isCheaper(Endpoint a, Endpoint b) {
        long nowNs = worker.loop().nowNs();
        return cost(a, nowNs) * NOTICEABLE < cost(b, nowNs);
    }

    private static double cost(Endpoint endpoint, long nowNs) {
        double load = (double) endpoint.inFlightRequests() * Endpoint.SHARE_OF_ONE / endpoint.share();
        double averageNs = endpoint.firstByteAverage().nsAt(nowNs);
        // One of which nothing is known is tried by one request, and not by all until that is answered.
        return averageNs == 0 ? load * DecayingAverage.FAILURE_NS : averageNs * (1 + load);
    }
}
