package io.penstock.engine;

import io.penstock.config.ConfigProblem;
import io.penstock.config.ProxyConfig;
import io.penstock.snapshot.OpenedFilters;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;

/**
 * Does everything about a config that can fail, and waits for what that takes: names, filters that take long to open, older
 * route tables. Entered by whoever makes the changes, one at a time; never a worker, nor the control thread.
 */
final class ConfigPreparer {
    /** How long a change waits for older route tables to be read no more, before it is refused. */
    private static final Duration TABLE_WAIT_MAX = Duration.ofSeconds(10);

    private static final long PAUSE_NS = 5_000_000;

    private final ControlLoop control;
    private final ConfigChanges changes;
    private final PreparationThread preparations;
    private final int workers;
    private final Runnable waitedForTable;

    /**
     * Nothing is prepared yet.
     *
     * @param waitedForTable told of each wait because too many older tables are still read
     */
    ConfigPreparer(
            ControlLoop control,
            ConfigChanges changes,
            PreparationThread preparations,
            int workers,
            Runnable waitedForTable) {
        this.control = control;
        this.changes = changes;
        this.preparations = preparations;
        this.workers = workers;
        this.waitedForTable = waitedForTable;
    }

    Preparation prepare(ProxyConfig next) {
        ControlLoop.await(control.call(() -> changes.learn(next)), ConfigChanges.LEARN_MAX.plusSeconds(1));
        return prepare(next, false);
    }

    /** Does the same without names, sockets and files. */
    Preparation rehearse(ProxyConfig next) {
        return prepare(next, true);
    }

    private Preparation prepare(ProxyConfig next, boolean isRehearsal) {
        OpenedFilters opened = preparations.open(control.call(() -> changes.filtersToOpen(next)), workers);
        try {
            return prepare(next, opened, isRehearsal);
        } finally {
            opened.closeUnused();
        }
    }

    private Preparation prepare(ProxyConfig next, OpenedFilters opened, boolean isRehearsal) {
        long deadlineNs = System.nanoTime() + TABLE_WAIT_MAX.toNanos();
        while (true) {
            Optional<Preparation> preparation = control.call(() -> changes.tryPrepare(next, opened, isRehearsal));
            if (preparation.isPresent()) {
                return preparation.get();
            }
            ConfigProblem reason = control.call(() -> changes.waitsFor(next));
            if (System.nanoTime() > deadlineNs) {
                return new Preparation.Refused(List.of(reason));
            }
            if (reason.code().equals(ConfigChanges.TABLES_IN_USE)) {
                waitedForTable.run();
            }
            LockSupport.parkNanos(PAUSE_NS);
        }
    }
}
