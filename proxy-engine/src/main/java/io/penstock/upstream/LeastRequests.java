package io.penstock.upstream;

import io.penstock.mark.WorkerConfined;
import org.jspecify.annotations.Nullable;

/**
 * Of two endpoints chosen by chance, the one that is less loaded takes the request, load being requests in flight on this
 * worker by weight.
 */
@WorkerConfined
final class LeastRequests implements Balancer {
    private static final TwoChoices.Order LESS_LOADED = LeastRequests::isLessLoaded;

    private final TwoChoices choices;

    LeastRequests(Chance chance) {
        this.choices = new TwoChoices(chance, LESS_LOADED);
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

    // a.inFlight / a.share < b.inFlight / b.share, without dividing. Without load both are equal, and then chance,
    // which
    // goes by weight, has decided already.
    private static boolean isLessLoaded(Endpoint a, Endpoint b) {
        return a.inFlightRequests() * b.share() < b.inFlightRequests() * a.share();
    }
}
