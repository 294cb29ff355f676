package io.penstock.perf.load;

import static io.gatling.javaapi.core.CoreDsl.constantUsersPerSec;
import static io.gatling.javaapi.core.CoreDsl.doIf;
import static io.gatling.javaapi.core.CoreDsl.exec;
import static io.gatling.javaapi.core.CoreDsl.responseTimeInMillis;
import static io.gatling.javaapi.core.CoreDsl.scenario;
import static io.gatling.javaapi.core.CoreDsl.stopLoadGeneratorIf;

import io.gatling.javaapi.core.ChainBuilder;
import io.gatling.javaapi.core.PopulationBuilder;
import io.gatling.javaapi.core.Session;
import java.util.ArrayList;
import java.util.List;

/**
 * Finds the knee: the highest rate at which errors and p99 hold. Rates grow by a quarter from step to step; each step asks the
 * upstream itself first and the gateway then, and the first step at which the gateway does not hold ends the run.
 */
public final class RampToSaturation extends Suite {
    private static final double GROWTH = 1.25;

    private final List<Step> directSteps = new ArrayList<>();
    private final List<Step> proxiedSteps = new ArrayList<>();

    public RampToSaturation() {
        List<PopulationBuilder> turns = new ArrayList<>();
        turns.add(warmUp("/ramp", ""));
        for (double rate = plan.rate(); rate <= plan.rateMax(); rate = Math.ceil(rate * GROWTH)) {
            for (String url : directUrl("/ramp")) {
                turns.add(step(DIRECT, url, rate, directSteps));
            }
            turns.add(step(PROXIED, proxiedUrl("/ramp"), rate, proxiedSteps));
        }
        gate(at(plan.rate()));
        run(inTurn(turns));
    }

    @Override
    void tell(Facts found) {
        found.value("knee proxied, requests a second", knee(proxiedSteps));
        if (!directSteps.isEmpty()) {
            found.value("knee direct, at least, requests a second", knee(directSteps));
        }
        found.gate("the first rate holds", knee(proxiedSteps) > 0);
    }

    private PopulationBuilder step(String leg, String url, double rate, List<Step> steps) {
        Step step = new Step(rate, plan.errorPercentMax(), plan.p99MsMax());
        // Those before it are over: a turn begins when the last user of the one before has gone.
        List<Step> before = List.copyOf(proxiedSteps);
        steps.add(step);
        ChainBuilder ask = exec(get(name(leg, at(rate)), url)
                        .check(responseTimeInMillis().saveAs("ms")))
                .exec(session -> ended(session, step));
        return scenario(name(leg, at(rate)))
                .exec(stopLoadGeneratorIf(
                        "a step did not hold", session -> before.stream().anyMatch(each -> !each.held())))
                .exec(doIf(session -> step.begin()).then(ask))
                .injectOpen(constantUsersPerSec(rate).during(plan.seconds()));
    }

    private static Session ended(Session session, Step step) {
        step.end(!session.isFailed() && session.contains("ms") ? session.getInt("ms") : Step.FAILED);
        return session;
    }

    private static String at(double rate) {
        return "%d/s".formatted(Math.round(rate));
    }

    // As far as every step held, so that a lucky one beyond the knee counts for nothing.
    private static double knee(List<Step> steps) {
        double knee = 0;
        for (Step step : steps) {
            if (!step.held()) {
                break;
            }
            knee = step.rate();
        }
        return knee;
    }
}
