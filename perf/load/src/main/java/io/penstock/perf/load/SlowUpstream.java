package io.penstock.perf.load;

import io.gatling.javaapi.core.PopulationBuilder;
import java.util.ArrayList;
import java.util.List;

/** A fifth of all requests goes to an upstream that takes its time: the others must not notice, and the slow ones must not fail. */
public final class SlowUpstream extends Suite {
    private static final double SLOW = 0.2;

    public SlowUpstream() {
        int delayMs = plan.isShort() ? 500 : 2_000;
        List<PopulationBuilder> together = new ArrayList<>(pair("quick", "/quick", plan.rate() * (1 - SLOW)));
        together.addAll(pair("slow", "/slow/delay/" + delayMs, plan.rate() * SLOW));
        gate("quick");
        gateErrors(name(PROXIED, "slow"));
        gateP99(name(PROXIED, "slow"), delayMs + plan.p99MsMax());
        run(warmUp("/quick", "").andThen(array(together)));
    }
}
