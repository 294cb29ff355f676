package io.penstock.plugin;

import io.penstock.config.PluginAbort;
import io.penstock.mark.SharedByWorkers;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks whether a canary does badly, and takes it back for good if it does: too many faults, or too many slow hooks. Its
 * 99th percentile is over a bound exactly when more than one call in a hundred is, so that two counts are enough.
 */
@SharedByWorkers
final class CanaryWatch {
    /** Calls before the percentile says anything. */
    static final long CALLS_MIN = 200;

    private static final Logger LOG = LoggerFactory.getLogger(CanaryWatch.class);

    private final PluginVersion version;
    private final long faultsMax;
    private final long slowNs;
    private final LongAdder faults = new LongAdder();
    private final LongAdder calls = new LongAdder();
    private final LongAdder slow = new LongAdder();
    private final AtomicBoolean isAborted = new AtomicBoolean();

    /** Makes one that has seen nothing; without a rule it never takes anything back. */
    CanaryWatch(PluginVersion version, Optional<PluginAbort> abort) {
        this.version = version;
        this.faultsMax = abort.flatMap(PluginAbort::faults).orElse(Integer.MAX_VALUE);
        this.slowNs = abort.flatMap(PluginAbort::p99Over).map(Duration::toNanos).orElse(Long.MAX_VALUE);
    }

    /** Whether the canary gets no requests any more, or none while its version is in quarantine. */
    boolean isAborted() {
        return isAborted.get() || version.quarantine().isActive();
    }

    /** Counts a call that took so long inside. */
    void entered(long ns) {
        calls.increment();
        if (ns > slowNs) {
            slow.increment();
            long all = calls.sum();
            if (all >= CALLS_MIN && slow.sum() * 100 > all) {
                abort("more than one of a hundred hooks took longer than " + Duration.ofNanos(slowNs));
            }
        }
    }

    /** Counts a call that failed. */
    void failed() {
        faults.increment();
        if (faults.sum() >= faultsMax) {
            abort(faults.sum() + " faults");
        }
    }

    private void abort(String why) {
        if (isAborted.compareAndSet(false, true)) {
            version.canaryAborts().incrementAndGet();
            version.log().add("error", "", "the canary was taken back: " + why);
            LOG.error("canary {} was taken back: {}", version.manifest().id(), why);
        }
    }
}
