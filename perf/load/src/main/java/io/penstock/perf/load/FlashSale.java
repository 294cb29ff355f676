package io.penstock.perf.load;

import static io.gatling.javaapi.core.CoreDsl.constantUsersPerSec;
import static io.gatling.javaapi.core.CoreDsl.nothingFor;
import static io.gatling.javaapi.core.CoreDsl.rampUsersPerSec;
import static io.gatling.javaapi.core.CoreDsl.scenario;
import static io.gatling.javaapi.http.HttpDsl.status;

import io.gatling.javaapi.core.OpenInjectionStep;
import io.gatling.javaapi.core.PopulationBuilder;
import io.gatling.javaapi.core.Session;
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
    /** What the limiter lets through, in multiples of the steady rate. */
    private static final int LIMIT = 2;

    private static final int BUCKET_S = 1;

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
                .exec(session -> {
                    firstNs.accumulate(System.nanoTime() - startNs);
                    return session;
                })
                .exec(get(name(PROXIED, "rush"), proxiedUrl("/sale"), 200, 429).check(status().saveAs("status")))
                .exec(this::count)
                .injectOpen(ramp, rush));
        // The bucket is empty when the rush ends.
        turns.add(open(
                name(PROXIED, "after"),
                get(name(PROXIED, "after"), proxiedUrl("/sale")),
                nothingFor(Duration.ofSeconds(BUCKET_S)),
                steady));
        List.of("before", "rush", "after").forEach(this::gate);
        run(inTurn(turns));
    }

    @Override
    void setUpBox(Box gateway) {
        double rate = (plan.isSabotaged() ? 1_000 : LIMIT) * plan.rate();
        double burst = rate * BUCKET_S;
        gateway.put(List.of(
                new Box.Resource(
                        "/limits/load-sale",
                        String.format(Locale.ROOT, "{\"key\":[],\"rate\":\"%.0f/s\",\"burst\":%.0f}", rate, burst)),
                route("sale", "/sale", ",\"limits\":[\"load-sale\"]")));
    }

    private Session count(Session session) {
        lastNs.accumulate(System.nanoTime() - startNs);
        int status = session.contains("status") ? session.getInt("status") : 0;
        if (status == 200) {
            served.incrementAndGet();
        } else if (status == 429) {
            refused.incrementAndGet();
        }
        return session;
    }

    @Override
    void tell(Facts found) {
        found.value("rush: served", served.get());
        found.value("rush: refused", refused.get());
        if (plan.admin().isPresent()) {
            // From before the first was asked until after the last was answered: however late the generator came, the
            // limiter saw no more time than this, and it holds one bucket besides.
            double tookS = (lastNs.get() - firstNs.get()) / 1e9;
            double most = LIMIT * plan.rate() * (tookS + BUCKET_S);
            found.value("rush: seconds", tookS);
            found.gate("the limiter refuses some of the rush", refused.get() > 0);
            found.gate("the limiter lets no more through than its rate and one bucket", served.get() <= most);
        }
    }
}
