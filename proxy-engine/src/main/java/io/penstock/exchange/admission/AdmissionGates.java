package io.penstock.exchange.admission;

import io.penstock.limit.AdmissionPlan;
import io.penstock.limit.KeyedPermitTable;
import io.penstock.mark.WorkerConfined;
import io.penstock.metrics.WorkerMeters;
import io.penstock.transport.Loop;
import org.agrona.collections.Long2ObjectHashMap;

/** The admissions of one worker. Those that nobody uses are forgotten when there get to be twice as many as before. */
@WorkerConfined
public final class AdmissionGates {
    private static final int KEPT_MIN = 64;

    private final Loop loop;
    private final KeyedPermitTable permits;
    private final WorkerMeters meters;
    private final int workers;
    private final Long2ObjectHashMap<AdmissionGate> byIdentity = new Long2ObjectHashMap<>();
    private int forgetAt = KEPT_MIN;

    /** No admission yet; {@code workers} share the permits. */
    public AdmissionGates(Loop loop, KeyedPermitTable permits, WorkerMeters meters, int workers) {
        this.loop = loop;
        this.permits = permits;
        this.meters = meters;
        this.workers = workers;
    }

    /** The gate of a plan, made if it is the first to be asked for. */
    public AdmissionGate find(AdmissionPlan plan) {
        AdmissionGate gate = byIdentity.get(plan.identity());
        if (gate == null) {
            return make(plan);
        }
        gate.adopt(plan);
        return gate;
    }

    private AdmissionGate make(AdmissionPlan plan) {
        if (byIdentity.size() >= forgetAt) {
            byIdentity.values().removeIf(AdmissionGate::isIdle);
            forgetAt = Math.max(KEPT_MIN, 2 * byIdentity.size());
        }
        AdmissionGate gate = new AdmissionGate(plan, loop, permits, meters, workers);
        byIdentity.put(plan.identity(), gate);
        return gate;
    }
}
