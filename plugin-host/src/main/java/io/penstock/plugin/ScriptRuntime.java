package io.penstock.plugin;

import io.penstock.mark.SharedByWorkers;
import io.penstock.plugin.bridge.HostCrypto;
import io.penstock.plugin.budget.HeapMeter;
import io.penstock.plugin.budget.HeapPressure;
import io.penstock.plugin.budget.ThreadMeter;
import io.penstock.plugin.budget.Watchdog;
import io.penstock.plugin.budget.WorkerGauge;
import io.penstock.plugin.js.ScriptEngine;
import io.penstock.plugin.js.ScriptMode;
import io.penstock.plugin.kv.KeyValues;
import io.penstock.plugin.kv.SharedStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What all plugins of the process share: the engine, the watchdog, and threads that are no workers. */
@SharedByWorkers
final class ScriptRuntime implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ScriptRuntime.class);

    private static final int OFFLOAD_THREADS = 2;
    private static final int OFFLOAD_WAITING_MAX = 1_000;
    // Beyond the CPU time that a preparation may take.
    private static final long QUIET_MS = 5_000;

    private final ScriptOptions options;
    private final ScriptEngine engine = new ScriptEngine();
    private final ExecutorService preparation = Executors.newSingleThreadExecutor(
            Thread.ofPlatform().daemon().name("penstock-plugin-prepare").factory());
    private final ExecutorService offload = new ThreadPoolExecutor(
            OFFLOAD_THREADS,
            OFFLOAD_THREADS,
            10,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(OFFLOAD_WAITING_MAX),
            Thread.ofPlatform().daemon().name("penstock-plugin-offload-", 0).factory());
    // One thread for each script that is being stopped: stopping waits for the script, and the next must not wait with
    // it.
    private final ExecutorService stoppers = Executors.newCachedThreadPool(
            Thread.ofPlatform().daemon().name("penstock-plugin-stop-", 0).factory());
    private final Watchdog watchdog = new Watchdog(ThreadMeter.ofThisJvm(), System::nanoTime, stoppers);
    private final HeapMeter heap = HeapMeter.ofThisJvm();
    private final Tenants tenants = new Tenants();
    private final AtomicBoolean isWarm = new AtomicBoolean();
    private final List<WorkerGauge> gauges = new ArrayList<>();
    private final Optional<SharedStore> store;

    ScriptRuntime(ScriptOptions options) {
        this.options = options;
        this.store = options.store().map(SharedStore::new);
        watchdog.watchHeap(new HeapPressure(heap, System::nanoTime, tenants::all));
    }

    /** Whether the heap is nearly full of what is kept. */
    boolean isHeapFull() {
        return heap.read().isFull();
    }

    /** The versions that serve, for the watch on the heap. */
    Tenants tenants() {
        return tenants;
    }

    /** The store of all plugins, open or not, if there is one. */
    Optional<SharedStore> store() {
        return store;
    }

    /**
     * The store of a plugin, if its manifest asks for one: the file is opened for the first that does. On a thread that may
     * take long. A file that cannot be opened is no reason against the plugin, which may do without; its operations say why.
     */
    @Nullable
    KeyValues storeOf(PluginVersion version) {
        SharedStore shared = store.orElse(null);
        if (shared == null || !version.hasStore()) {
            return null;
        }
        String fault = shared.open();
        if (!fault.isEmpty()) {
            LOG.error(
                    "plugin {} is without its key-value store: {}",
                    version.manifest().id(),
                    fault);
        }
        return shared.of(version.manifest().name());
    }

    ScriptOptions options() {
        return options;
    }

    ScriptEngine engine() {
        return engine;
    }

    ScriptMode mode() {
        return engine.mode();
    }

    /** The gauge of a worker, the same for all plugins: a worker is in one script at a time. */
    WorkerGauge gaugeOf(int worker) {
        synchronized (gauges) {
            while (gauges.size() <= worker) {
                gauges.add(watchdog.newGauge());
            }
            return gauges.get(worker);
        }
    }

    /** A gauge for a thread that is no worker; to be given back. */
    WorkerGauge acquireGauge() {
        watchdog.start();
        if (isWarm.compareAndSet(false, true)) {
            HostCrypto.warmUp();
        }
        return watchdog.newGauge();
    }

    void release(WorkerGauge gauge) {
        watchdog.forget(gauge);
    }

    /** Runs something that may take long, beside the traffic. */
    void prepare(Runnable task) {
        try {
            preparation.execute(() -> {
                try {
                    task.run();
                } catch (RuntimeException defect) {
                    LOG.error("preparing a plugin's context failed", defect);
                }
            });
        } catch (RejectedExecutionException closed) {
            LOG.debug("a plugin's context is not prepared any more: the gateway closes");
        }
    }

    /** Runs work that is no script, such as a signature, beside the workers; at once where too much waits already. */
    void offload(Runnable work) {
        try {
            offload.execute(work);
        } catch (RejectedExecutionException full) {
            work.run();
        }
    }

    /**
     * Lets go of everything. What is being prepared ends first, under the watchdog: an engine that closes holds a lock that a
     * context needs to be made, and waits for the thread that makes one.
     */
    @Override
    public void close() {
        offload.shutdownNow();
        preparation.shutdownNow();
        boolean isQuiet = isQuietSoon();
        watchdog.close();
        if (isQuiet) {
            engine.close();
        } else {
            LOG.warn("a plugin's context is still being made; it is left to the end of the process");
        }
        store.ifPresent(SharedStore::close);
        stoppers.shutdown();
    }

    private boolean isQuietSoon() {
        boolean wasInterrupted = Thread.interrupted();
        try {
            return preparation.awaitTermination(options.prepareCpuMs() + QUIET_MS, TimeUnit.MILLISECONDS);
        } catch (InterruptedException again) {
            wasInterrupted = true;
            return false;
        } finally {
            if (wasInterrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
