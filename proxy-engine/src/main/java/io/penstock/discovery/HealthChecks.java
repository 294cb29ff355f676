package io.penstock.discovery;

import io.penstock.config.ActiveHealthConfig;
import io.penstock.config.UpstreamConfig;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Asks endpoints again and again how they are, at most {@link #CHECKS_MAX} at once; further ones wait for their turn.
 * Control thread; the asking itself happens elsewhere and comes back by {@link ControlThread#post}.
 */
final class HealthChecks {
    /** Checks under way at once. */
    static final int CHECKS_MAX = 64;

    private final HealthCheck check;
    private final ControlThread control;
    private final HealthSamples samples;
    private final SplittableRandom chance;
    private final Queue<Round> queue = new ArrayDeque<>();
    private int underWay;
    private boolean isClosed;

    /** One endpoint's checks, until others begin or they end. */
    private record Round(
            String upstream,
            EndpointWatch endpoint,
            int number,
            ActiveHealthConfig config,
            Supplier<UpstreamConfig> current,
            Consumer<HealthCheck.Answer> hears) {
        boolean isCurrent() {
            return endpoint.isCurrent(number);
        }
    }

    HealthChecks(HealthCheck check, ControlThread control, HealthSamples samples, long seed) {
        this.check = check;
        this.control = control;
        this.samples = samples;
        this.chance = new SplittableRandom(seed);
    }

    /** Asks an endpoint from now on, instead of what it was asked before; for the first time at once. */
    void begin(
            String upstream,
            EndpointWatch endpoint,
            ActiveHealthConfig config,
            Supplier<UpstreamConfig> current,
            Consumer<HealthCheck.Answer> hears) {
        ask(new Round(upstream, endpoint, endpoint.nextSchedule(), config, current, hears));
    }

    /** Asks an endpoint no more; the answer that is still to come is not heard. */
    void end(EndpointWatch endpoint) {
        endpoint.nextSchedule();
    }

    /** Asks nobody any more. */
    void close() {
        isClosed = true;
        queue.clear();
    }

    private void ask(Round round) {
        if (round.isCurrent() && !isClosed) {
            queue.add(round);
            askNext();
        }
    }

    private void askNext() {
        while (underWay < CHECKS_MAX && !queue.isEmpty()) {
            Round round = queue.remove();
            if (round.isCurrent()) {
                underWay++;
                UpstreamConfig current = round.current().get();
                EndpointSpec spec = round.endpoint().spec();
                check.ask(new HealthCheck.Question(
                                round.upstream(),
                                spec.address(),
                                spec.authority(),
                                round.config(),
                                current.protocol(),
                                current.proxyProtocol()))
                        .whenComplete((answer, defect) -> control.post(() -> answered(round, answer, defect)));
            }
        }
    }

    private void answered(Round round, HealthCheck.@Nullable Answer answer, @Nullable Throwable defect) {
        underWay--;
        if (isClosed) {
            return;
        }
        askNext();
        if (round.isCurrent()) {
            HealthCheck.Answer heard =
                    answer == null ? new HealthCheck.Answer(false, "the check itself failed: " + defect) : answer;
            samples.checked(heard.isGood());
            round.hears().accept(heard);
            control.after(spread(round.config().pace().interval()), () -> ask(round));
        }
    }

    // A tenth more or less, so that checks that began together do not meet each endpoint together for ever.
    private Duration spread(Duration interval) {
        long tenth = interval.toNanos() / 10;
        return interval.plusNanos(chance.nextLong(2 * tenth + 1) - tenth);
    }
}
