package io.penstock.perf.load;

import static io.gatling.javaapi.core.CoreDsl.constantUsersPerSec;
import static io.gatling.javaapi.core.CoreDsl.exec;
import static io.gatling.javaapi.core.CoreDsl.nothingFor;
import static io.gatling.javaapi.core.CoreDsl.rampUsersPerSec;
import static io.gatling.javaapi.core.CoreDsl.scenario;
import static io.gatling.javaapi.http.HttpDsl.status;

import io.gatling.javaapi.core.OpenInjectionStep;
import io.gatling.javaapi.core.PopulationBuilder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAccumulator;

/**
 * From the steady rate to twenty times as many in two seconds, and back, behind a limiter that lets twice the steady rate through:
 * refusals have to be as quick as answers, and whoever comes after the rush has to be served as before it.
 */
public final class FlashSale extends Suite {
    private static final int RUSH = 20;
    private static final int RUSH_RAMP_S = 2;

    private final AtomicInteger served = new AtomicInteger();
    private final AtomicInteger refused = new AtomicInteger();
    private final long startNs = System.nanoTime();
    private final LongAccumulator firstNs = new LongAccumulator(Math::min, Long.MAX_VALUE);
    private final LongAccumulator lastNs = new LongAccumulator(Math::max, 0);

    public FlashSale() {
        List<PopulationBuilder> turns = new ArrayList<>();
        turns.add(warmUp("/sale", ""));
        double rate = plan.rate();
        OpenInjectionStep steady = constantUsersPerSec(rate).during(plan.seconds());
        OpenInjectionStep ramp = rampUsersPerSec(rate).to(rate * RUSH).during(RUSH_RAMP_S);
        OpenInjectionStep rush = constantUsersPerSec(rate * RUSH).during(plan.seconds());
        for (String url : directUrl("/sale")) {
            turns.add(open(name(DIRECT, "rush"), get(name(DIRECT, "rush"), url), ramp, rush));
        }
        turns.add(open(name(PROXIED, "before"), get(name(PROXIED, "before"), proxiedUrl("/sale")), steady));
        turns.add(scenario(name(PROXIED, "rush"))
                .exec(get(name(PROXIED, "rush"), proxiedUrl("/sale"), 200, 429).check(status().saveAs("status")))
                .exec(exec(session -> {
                    if (session.contains("status")) {
                        long nowNs = System.nanoTime() - startNs;
                        firstNs.accumulate(nowNs);
                        lastNs.accumulate(nowNs);
                        (session.getInt("status") == 200 ? served : refused).incrementAndGet();
                    }
                    return session;
                }))
                .injectOpen(ramp, rush));
        // The bucket holds a second of its rate, and is empty when the rush ends.
        turns.add(open(
                name(PROXIED, "after"),
                get(name(PROXIED, "after"), proxiedUrl("/sale")),
                nothingFor(Duration.ofSeconds(1)),
                steady));
        List.of("before", "rush", "after").forEach(this::gate);
        run(inTurn(turns));
    }

    @Override
    void setUpBox(Box gateway) {
        double rate = (plan.isSabotaged() ? 1_000 : 2) * plan.rate();
        gateway.put(List.of(
                new Box.Resource(
                        "/limits/load-sale",
                        String.format(Locale.ROOT, "{\"key\":[],\"rate\":\"%1$.0f/s\",\"burst\":%1$.0f}", rate)),
                route("sale", "/sale", ",\"limits\":[\"load-sale\"]")));
    }

    @Override
    void tell(Facts found) {
        found.value("rush: served", served.get());
        found.value("rush: refused", refused.get());
        if (plan.admin().isPresent()) {
            // As long as the rush was, however late the generator came, one bucket, and a second for what was under
            // way.
            double tookS = (lastNs.get() - firstNs.get()) / 1e9;
            double most = 2 * plan.rate() * (tookS + 1 + 1);
            found.value("rush: seconds", tookS);
            found.gate("the limiter refuses what is beyond its rate", refused.get() > 0 && served.get() <= most);
        }
    }
}
