package io.penstock.engine;

import io.penstock.limit.Circuits;
import io.penstock.limit.KeyedPermitTable;
import io.penstock.limit.PermitTable;
import io.penstock.limit.RateTable;
import io.penstock.snapshot.Pins;
import io.penstock.upstream.OwnRequests;
import io.penstock.worker.SharedTables;

/** Makes what workers share, and frees it when no worker is left. */
final class EngineTables implements AutoCloseable {
    /** Keys with exchanges under way: 4 MiB, and more connections than a process may have descriptors by default. */
    private static final int KEYED_PERMIT_SLOTS = 1 << 17;

    private final SharedTables shared;

    EngineTables(EngineOptions options) {
        this.shared = new SharedTables(
                new RateTable(options.rateSlots(), System.nanoTime()),
                new PermitTable(options.permitSlots() + OwnRequests.PERMIT_SLOTS),
                new KeyedPermitTable(KEYED_PERMIT_SLOTS),
                new Circuits(),
                new Pins(options.workers()),
                options.seed().high(),
                options.seed().low());
    }

    SharedTables shared() {
        return shared;
    }

    @Override
    public void close() {
        shared.rates().close();
        shared.permits().close();
        shared.keyedPermits().close();
    }
}
