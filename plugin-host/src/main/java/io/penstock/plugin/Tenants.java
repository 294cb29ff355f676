package io.penstock.plugin;

import io.penstock.mark.SharedByWorkers;
import io.penstock.plugin.budget.FaultCode;
import io.penstock.plugin.budget.HeapTenant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** The contexts that serve traffic, by version: what may be made anew when the heap is full. Trials are not among them. */
@SharedByWorkers
final class Tenants {
    private static final int MIB_BITS = 20;
    // The old contexts serve until the new ones are there, that nobody who is only suspected fails a request; who has
    // filled the heap before would fill it on meanwhile.
    private static final long GRACE_NS = 5_000_000_000L;
    private static final long GRACE_OF_A_LEAK_NS = 200_000_000L;

    private final Map<PluginVersion, Tenant> byVersion = new ConcurrentHashMap<>();

    private static final class Tenant implements HeapTenant {
        private final PluginVersion version;
        private final List<WorkerScripts> scripts = new CopyOnWriteArrayList<>();
        private boolean hasLeaked;
        // One for each renewal, so that what closes late does not count for the next.
        private volatile AtomicInteger closing = new AtomicInteger();

        Tenant(PluginVersion version) {
            this.version = version;
        }

        @Override
        public String name() {
            return version.manifest().id();
        }

        @Override
        public long allocatedBytes() {
            return scripts.stream().mapToLong(WorkerScripts::allocatedBytes).sum();
        }

        @Override
        public void renew(String why) {
            version.fault(FaultCode.HEAP_PRESSURE.code(), "", why);
            List<WorkerScripts> all = List.copyOf(scripts);
            AtomicInteger open = new AtomicInteger(all.size());
            closing = open;
            all.forEach(each -> each.renew(
                    FaultCode.HEAP_PRESSURE, hasLeaked ? GRACE_OF_A_LEAK_NS : GRACE_NS, open::decrementAndGet));
        }

        @Override
        public void hurry() {
            scripts.forEach(WorkerScripts::hurry);
        }

        @Override
        public boolean isRenewed() {
            return closing.get() <= 0;
        }

        @Override
        public void leaked(long freedBytes) {
            hasLeaked = true;
            version.log()
                    .add(
                            "error",
                            "",
                            "making its contexts anew has freed " + (freedBytes >> MIB_BITS) + " MiB of the heap");
            version.strike(FaultCode.HEAP_PRESSURE.code());
        }
    }

    /** Notes one that will serve; gives it back. */
    WorkerScripts add(WorkerScripts scripts) {
        byVersion.compute(scripts.version(), (version, known) -> {
            Tenant tenant = known == null ? new Tenant(version) : known;
            tenant.scripts.add(scripts);
            return tenant;
        });
        return scripts;
    }

    /** Forgets one that is closed, if it was here. */
    void remove(WorkerScripts scripts) {
        byVersion.computeIfPresent(scripts.version(), (version, tenant) -> {
            tenant.scripts.remove(scripts);
            return tenant.scripts.isEmpty() ? null : tenant;
        });
    }

    /** Those there are now. */
    List<HeapTenant> all() {
        return new ArrayList<>(byVersion.values());
    }
}
