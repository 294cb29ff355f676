package io.penstock.snapshot;

import io.penstock.config.CalendarUnit;
import io.penstock.config.LimitConfig;
import io.penstock.config.QuotaConfig;
import io.penstock.limit.LimitPlan;
import io.penstock.limit.QuotaWindow;
import io.penstock.metrics.SeriesNames;
import java.time.Clock;
import java.time.ZoneId;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The plan of each limit, one however many routes name it, with the windows that quotas count in and the ids that requests are
 * counted by. Control thread only.
 */
public final class LimitPlans {
    private final SeriesNames names;
    private final Clock clock;
    private final Map<String, CompiledLimit> plans = new HashMap<>();
    private final Map<Calendar, QuotaWindow> windows = new HashMap<>();
    private final DenseIds ids = new DenseIds();

    private record CompiledLimit(LimitConfig config, LimitPlan plan) {}

    private record Calendar(CalendarUnit unit, String zone) {}

    /** No limits; {@code clock} says which day it is. */
    public LimitPlans(SeriesNames names, Clock clock) {
        this.names = names;
        this.clock = clock;
    }

    /**
     * The plan of a limit.
     *
     * @throws IllegalArgumentException if it cannot be kept
     */
    LimitPlan plan(LimitConfig limit) {
        CompiledLimit known = plans.get(limit.name());
        if (known != null && known.config().equals(limit)) {
            return known.plan();
        }
        int id = known == null ? ids.take() : known.plan().seriesId();
        try {
            LimitPlan plan = LimitPlan.of(limit, id, this::window);
            plans.put(limit.name(), new CompiledLimit(limit, plan));
            return plan;
        } catch (IllegalArgumentException refused) {
            if (known == null) {
                ids.giveBack(id);
            }
            throw refused;
        }
    }

    /** The plan of a limit by its name; empty where it is not in force. */
    public Optional<LimitPlan> find(String name) {
        return Optional.ofNullable(plans.get(name)).map(CompiledLimit::plan);
    }

    private QuotaWindow window(QuotaConfig quota) {
        return windows.computeIfAbsent(
                new Calendar(quota.window(), quota.timeZone()),
                key -> new QuotaWindow(key.unit(), ZoneId.of(key.zone()), clock.instant()));
    }

    /** Moves the windows of quotas on, where their time has come. Once a second. */
    public void refreshWindows() {
        for (QuotaWindow window : windows.values()) {
            window.refresh(clock.instant());
        }
    }

    /** The limits of the next snapshot are served from here on. */
    void accepted(Map<String, LimitPlan> before, Map<String, LimitPlan> after, long version) {
        if (before.equals(after)) {
            return;
        }
        after.forEach((name, plan) -> names.assign(plan.seriesId(), name));
        before.forEach((name, plan) -> {
            if (!after.containsKey(name)) {
                plans.remove(name);
                names.release(plan.seriesId());
                ids.rest(plan.seriesId(), version);
            }
        });
    }

    /** Frees the ids of limits that no table read any more knows. */
    void released(long oldestInUse) {
        ids.reclaim(oldestInUse);
    }
}
