package io.penstock.plugin;

import io.penstock.mark.SharedByWorkers;
import io.penstock.plugin.budget.HookMeter;
import io.penstock.plugin.budget.Quarantine;
import io.penstock.plugin.js.Hook;
import io.penstock.plugin.js.ScriptPackage;
import io.penstock.plugin.js.StackText;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BiConsumer;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.Recorder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One uploaded version: what it is, which never changes, and how it fares. */
@SharedByWorkers
final class PluginVersion {
    /** Strikes within the window that bring a version into quarantine. */
    static final int STRIKES_MAX = 5;

    /** The window, in nanoseconds. */
    static final long STRIKE_WINDOW_NS = 60_000_000_000L;

    private static final Logger LOG = LoggerFactory.getLogger(PluginVersion.class);
    private static final int COUNTERS_MAX = 64;

    private final Manifest manifest;
    private final String sha256;
    private final ScriptPackage scripts;
    private final ConfigSchema schema;
    private final StackText stacks;
    private final Set<Hook> hooks;
    private final PluginLog log;
    private final Quarantine quarantine = new Quarantine(STRIKES_MAX, STRIKE_WINDOW_NS);
    private final Map<String, LongAdder> faults = new ConcurrentHashMap<>();
    private final Map<String, LongAdder> counters = new ConcurrentHashMap<>();
    private final List<EnumMap<Hook, HookMeter>> meters = new ArrayList<>();
    private final AtomicBoolean isWarm = new AtomicBoolean();
    private final AtomicInteger contexts = new AtomicInteger();
    private final AtomicInteger canaryAborts = new AtomicInteger();
    // Rare, so that one recorder for all workers does no harm.
    private final Recorder stalls = new Recorder(HookMeter.LOWEST_NS, HookMeter.HIGHEST_NS, HookMeter.DIGITS);
    private final Histogram allStalls = HookMeter.newHistogram();
    private volatile String lastFault = "";

    PluginVersion(
            Manifest manifest,
            String sha256,
            ScriptPackage scripts,
            ConfigSchema schema,
            StackText stacks,
            Set<Hook> hooks,
            PluginLog log) {
        this.manifest = manifest;
        this.sha256 = sha256;
        this.scripts = scripts;
        this.schema = schema;
        this.stacks = stacks;
        this.hooks = Set.copyOf(hooks);
        this.log = log;
    }

    /** The same version with cost, faults and log of its own. */
    PluginVersion apart(PluginLog ownLog) {
        return new PluginVersion(manifest, sha256, scripts, schema, stacks, hooks, ownLog);
    }

    /** Whether the caller is the first to ask, and has to warm the code up. */
    boolean beginWarmUp() {
        return isWarm.compareAndSet(false, true);
    }

    Manifest manifest() {
        return manifest;
    }

    /** Whether the manifest asks for a store. */
    boolean hasStore() {
        return !manifest.permissions().kv().isEmpty();
    }

    String sha256() {
        return sha256;
    }

    ScriptPackage scripts() {
        return scripts;
    }

    ConfigSchema schema() {
        return schema;
    }

    StackText stacks() {
        return stacks;
    }

    Set<Hook> hooks() {
        return hooks;
    }

    PluginLog log() {
        return log;
    }

    Quarantine quarantine() {
        return quarantine;
    }

    /** The meters of one worker, one for each hook; made when the worker's context is. Not on a worker. */
    EnumMap<Hook, HookMeter> metersOf(int worker) {
        synchronized (meters) {
            while (meters.size() <= worker) {
                EnumMap<Hook, HookMeter> ofWorker = new EnumMap<>(Hook.class);
                for (Hook hook : hooks) {
                    ofWorker.put(hook, new HookMeter());
                }
                meters.add(ofWorker);
            }
            return meters.get(worker);
        }
    }

    /** Times inside a hook, of all workers. */
    Histogram inside(Hook hook) {
        return merged(hook, HookMeter::addInside);
    }

    /** Times that a hook waited, of all workers. */
    Histogram waiting(Hook hook) {
        return merged(hook, HookMeter::addWaiting);
    }

    /** Times of what a hook left to run later, of all workers. */
    Histogram later(Hook hook) {
        return merged(hook, HookMeter::addLater);
    }

    /** How many calls of a hook failed, of all workers. */
    long failures(Hook hook) {
        long sum = 0;
        synchronized (meters) {
            for (EnumMap<Hook, HookMeter> ofWorker : meters) {
                HookMeter meter = ofWorker.get(hook);
                sum += meter == null ? 0 : meter.failures();
            }
        }
        return sum;
    }

    private Histogram merged(Hook hook, BiConsumer<HookMeter, Histogram> source) {
        Histogram all = HookMeter.newHistogram();
        synchronized (meters) {
            for (EnumMap<Hook, HookMeter> ofWorker : meters) {
                HookMeter meter = ofWorker.get(hook);
                if (meter != null) {
                    source.accept(meter, all);
                }
            }
        }
        return all;
    }

    /** Counts a fault and keeps its text for whoever asks. */
    void fault(String code, String requestId, String text) {
        faults.computeIfAbsent(code, any -> new LongAdder()).increment();
        lastFault = log.shown(text);
        log.add("error", requestId, code + ": " + text);
    }

    /** Counts a strike, and says so where the quarantine began with it. */
    void strike(String code) {
        if (quarantine.strike(System.nanoTime(), System.currentTimeMillis(), code)) {
            LOG.error("plugin {} is in quarantine: {} strikes, the last {}", manifest.id(), STRIKES_MAX, code);
        }
    }

    /** Counts an exchange for which the version was not even called; nothing is logged, since there may be many. */
    void notCalled(String code) {
        faults.computeIfAbsent(code, any -> new LongAdder()).increment();
    }

    /** Notes that an entry kept its worker for long. */
    void stalled(long ns) {
        stalls.recordValue(Math.min(ns, HookMeter.HIGHEST_NS));
    }

    /** How long workers were kept, of entries that were long. */
    Histogram stalls() {
        synchronized (allStalls) {
            allStalls.add(stalls.getIntervalHistogram());
            return allStalls.copy();
        }
    }

    /** How often a canary of this version was taken back. */
    AtomicInteger canaryAborts() {
        return canaryAborts;
    }

    /** Faults since the start, by code. */
    Map<String, Long> faults() {
        Map<String, Long> counts = new TreeMap<>();
        faults.forEach((code, count) -> counts.put(code, count.sum()));
        return counts;
    }

    String lastFault() {
        return lastFault;
    }

    /** Adds to a counter of the script's own; names beyond the bound are dropped. */
    void count(String name, double by) {
        LongAdder counter = counters.get(name);
        if (counter == null && counters.size() < COUNTERS_MAX && name.length() <= COUNTERS_MAX) {
            counter = counters.computeIfAbsent(name, any -> new LongAdder());
        }
        if (counter != null) {
            counter.add((long) by);
        }
    }

    /** Counters of the script's own. */
    Map<String, Long> counters() {
        Map<String, Long> counts = new TreeMap<>();
        counters.forEach((name, count) -> counts.put(name, count.sum()));
        return counts;
    }

    /** How many contexts are open. */
    AtomicInteger contexts() {
        return contexts;
    }
}
