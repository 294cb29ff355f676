package io.penstock.snapshot;

import io.penstock.config.LimitConfig;
import io.penstock.config.NamedMap;
import io.penstock.config.ProxyConfig;
import io.penstock.limit.LimitPlan;
import java.util.HashMap;
import java.util.Map;

/** Every enabled limit by name, whether or not a route names it: what filters may ask for. Control thread only. */
final class NamedLimits {
    private NamedLimits() {}

    /** The limits of the next config; the same map where none has changed. */
    static Map<String, LimitPlan> next(
            Map<String, LimitPlan> present, ProxyConfig before, ProxyConfig after, LimitPlans plans) {
        if (before.limits().equals(after.limits())) {
            return present;
        }
        Map<String, LimitPlan> next = new HashMap<>(present);
        NamedMap.diff(before.limits(), after.limits(), (name, old, wanted) -> {
            next.remove(name);
            if (wanted != null && wanted.enabled()) {
                put(wanted, plans, next);
            }
        });
        return Map.copyOf(next);
    }

    private static void put(LimitConfig limit, LimitPlans plans, Map<String, LimitPlan> into) {
        try {
            into.put(limit.name(), plans.plan(limit));
        } catch (IllegalArgumentException unfit) {
            // A route that names it is refused for it; a filter hears that there is none.
            into.remove(limit.name());
        }
    }
}
