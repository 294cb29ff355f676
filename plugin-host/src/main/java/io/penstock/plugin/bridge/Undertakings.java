package io.penstock.plugin.bridge;

import io.penstock.mark.WorkerConfined;
import io.penstock.spi.Outbound;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a hook has begun and not ended: requests of its own, and flights, which other calls wait for too. */
@WorkerConfined
final class Undertakings {
    // Few hooks send requests.
    private @Nullable List<Outbound.Call> outbound;
    private int flights;
    private boolean isUnwanted;
    private boolean isGivenUp;

    void add(Outbound.Call open) {
        List<Outbound.Call> calls = outbound;
        if (calls == null) {
            calls = new ArrayList<>(2);
            outbound = calls;
        }
        calls.add(open);
    }

    void flightBegan() {
        flights++;
    }

    void flightEnded() {
        flights--;
        if (flights == 0 && isUnwanted) {
            giveUp();
        }
    }

    /** Nobody wants the outcome: all is given up as soon as no other call waits for it. */
    void unwanted() {
        isUnwanted = true;
        if (flights == 0) {
            giveUp();
        }
    }

    /** Cancels the requests, whoever waits. */
    void giveUp() {
        isGivenUp = true;
        List<Outbound.Call> open = outbound;
        outbound = null;
        if (open != null) {
            open.forEach(Outbound.Call::cancel);
        }
    }

    boolean areGivenUp() {
        return isGivenUp;
    }
}
