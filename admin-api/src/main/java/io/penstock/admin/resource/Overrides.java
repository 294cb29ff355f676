package io.penstock.admin.resource;

import io.penstock.admin.store.AuditEvent;
import io.penstock.admin.store.ConfigStore;
import io.penstock.admin.store.OverrideKind;
import io.penstock.admin.store.OverrideRecord;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The state that overrides the configuration for a time, on the disk first and in the engine next. It makes no revision,
 * and outlives changes of the configuration and restarts until its time is over.
 *
 * <p>Any thread but a worker; what changes it waits for the disk.
 */
public final class Overrides {
    /** The most that may be in force at once. */
    static final int COUNT_MAX = 10_000;

    private final ConfigStore store;
    private final EnginePort engine;
    private final Clock clock;

    // Replaced as a whole under the lock; may hold some that are over.
    private volatile List<OverrideRecord> all;

    private Overrides(ConfigStore store, EnginePort engine, Clock clock, List<OverrideRecord> all) {
        this.store = store;
        this.engine = engine;
        this.clock = clock;
        this.all = List.copyOf(all);
    }

    /** Reads what is stored and tells the engine: before its first configuration, so that a restart ends no drain. */
    public static Overrides open(ConfigStore store, EnginePort engine, Clock clock) {
        Overrides overrides =
                new Overrides(store, engine, clock, store.overrides().all());
        overrides.tellEngine();
        return overrides;
    }

    Instant now() {
        return clock.instant();
    }

    /** Those in force, by upstream and target. */
    List<OverrideRecord> inForce() {
        Instant now = clock.instant();
        return all.stream().filter(each -> each.isInForce(now)).toList();
    }

    /** Begins one, or changes when the one of the same target ends; false if there are too many. */
    synchronized boolean put(OverrideRecord override, AuditEvent event) {
        List<OverrideRecord> next = others(override);
        if (next.size() >= COUNT_MAX) {
            return false;
        }
        next.add(override);
        next.sort((a, b) -> a.upstream().equals(b.upstream())
                ? a.target().compareTo(b.target())
                : a.upstream().compareTo(b.upstream()));
        store.overrides().put(override, event);
        all = List.copyOf(next);
        tellEngine();
        return true;
    }

    /** Ends the one of a target; false if none is in force. */
    synchronized boolean end(OverrideRecord override, AuditEvent event) {
        if (inForce().stream().noneMatch(override::isOfSameTarget)) {
            return false;
        }
        store.overrides().remove(override, event);
        all = List.copyOf(others(override));
        tellEngine();
        return true;
    }

    /** The drain in force of a target, or what is said of its health. */
    Optional<OverrideRecord> find(String upstream, String target, boolean isDrain) {
        return inForce().stream()
                .filter(each -> each.isDrain() == isDrain
                        && each.upstream().equals(upstream)
                        && each.target().equals(target))
                .findFirst();
    }

    private List<OverrideRecord> others(OverrideRecord override) {
        List<OverrideRecord> others = new ArrayList<>(inForce());
        others.removeIf(override::isOfSameTarget);
        return others;
    }

    private void tellEngine() {
        engine.healthOverrides(inForce().stream()
                .filter(each -> !each.isDrain())
                .map(each -> new EnginePort.HealthOverrideView(
                        each.upstream(), each.target(), each.kind() == OverrideKind.HEALTHY, each.until()))
                .toList());
        engine.drains(inForce().stream()
                .filter(OverrideRecord::isDrain)
                .map(each -> new EnginePort.DrainView(each.upstream(), each.target(), each.until()))
                .toList());
    }
}
