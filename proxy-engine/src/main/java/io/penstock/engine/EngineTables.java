package io.penstock.engine;

import io.penstock.limit.Circuits;
import io.penstock.limit.KeyedPermitTable;
import io.penstock.limit.PermitTable;
import io.penstock.limit.QuotaTable;
import io.penstock.limit.RateTable;
import io.penstock.snapshot.Pins;
import io.penstock.upstream.OwnRequests;
import io.penstock.worker.SharedTables;
import java.util.Optional;

/** Makes what workers share, and frees it when no worker is left. */
final class EngineTables implements AutoCloseable {
    /** Keys with exchanges under way: 4 MiB, and more connections than a process may have descriptors by default. */
    private static final int KEYED_PERMIT_SLOTS = 1 << 17;

    private static final int QUOTA_SLOTS = 1 << 17;

    private final SharedTables shared;
    private final Optional<QuotaKeeper> quotaKeeper;

    EngineTables(EngineOptions options) {
        this.quotaKeeper = options.stateFolder()
                .map(folder -> QuotaKeeper.open(folder, QUOTA_SLOTS, options.seed(), options.clock()));
        this.shared = new SharedTables(
                new RateTable(options.rateSlots(), System.nanoTime()),
                quotaKeeper.map(keeper -> keeper.file().table()).orElseGet(() -> new QuotaTable(QUOTA_SLOTS)),
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

    /** Keeps what quotas count; empty where the engine has no folder for it. */
    Optional<QuotaKeeper> quotaKeeper() {
        return quotaKeeper;
    }

    /** Native memory of what limits count in. */
    long limitBytes() {
        return shared.rates().bytes()
                + shared.quotas().bytes()
                + shared.permits().bytes();
    }

    @Override
    public void close() {
        quotaKeeper.ifPresent(QuotaKeeper::close);
        shared.rates().close();
        shared.quotas().close();
        shared.permits().close();
        shared.keyedPermits().close();
    }
}
