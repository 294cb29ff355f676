package io.penstock.plugin;

import io.penstock.mark.WorkerConfined;
import io.penstock.plugin.bridge.ExchangeBudget;
import io.penstock.plugin.bridge.ScriptCall;
import io.penstock.plugin.budget.FaultCode;
import io.penstock.plugin.budget.Overrun;
import io.penstock.plugin.budget.WindowBudget;
import io.penstock.plugin.budget.WorkerGauge;
import io.penstock.plugin.js.ScriptContext;
import io.penstock.plugin.js.ScriptRefusedException;
import org.graalvm.polyglot.PolyglotException;
import org.jspecify.annotations.Nullable;

/**
 * Entries of one thread into one context, each under a budget that the watchdog holds it to: first those of its preparation,
 * then its worker's. They do not nest.
 */
@WorkerConfined
final class BudgetedEntries {
    private static final long MS = 1_000_000;
    // What is allocated may all be kept, so that one preparation never takes the heap of the others.
    private static final long PREPARE_BYTES =
            Math.min(512L << 20, Runtime.getRuntime().maxMemory() / 3);
    // The statement count ends a script that the watchdog does not; it must not add up over a context's life.
    private static final int ENTRIES_PER_RESET = 256;
    // Time alone makes no code warm: a route may get its first request long after its contexts were made.
    private static final long YOUNG_ENTRIES = 1_000;
    private static final long BACKGROUND_WINDOW_NS = 1_000 * MS;

    private final ScriptContext script;
    private final PluginVersion version;
    private final ScriptOptions options;
    private final long bytesMax;
    private final long requestCpuNs;
    private final long youngUntilNs;
    private final WindowBudget background;
    private WorkerGauge gauge;
    private boolean isInside;
    private long enteredNs;
    private long lastWallNs;
    private int sinceReset;
    private long served;
    private boolean isYoung = true;

    /**
     * Makes those of a context that is being prepared.
     *
     * @param preparing the gauge of the thread that prepares it
     */
    BudgetedEntries(ScriptContext script, PluginVersion version, ScriptOptions options, WorkerGauge preparing) {
        Manifest.Limits limits = version.manifest().limits();
        this.version = version;
        this.script = script;
        this.options = options;
        this.bytesMax = (long) limits.memoryMb() << 20;
        this.requestCpuNs = limits.requestCpuMs() * MS;
        this.background = new WindowBudget(requestCpuNs, BACKGROUND_WINDOW_NS);
        this.youngUntilNs = System.nanoTime() + options.coldMs() * MS;
        this.gauge = preparing;
    }

    /** What a preparation thread does in the context. */
    interface Preparation {
        void run() throws ScriptRefusedException;
    }

    /** One entry with what a preparation may use. */
    void prepare(Preparation task) throws ScriptRefusedException {
        isInside = true;
        gauge.enter(script, System.nanoTime(), options.prepareCpuMs() * MS, PREPARE_BYTES);
        try {
            task.run();
        } catch (PolyglotException thrown) {
            throw new ScriptRefusedException(textOf(thrown));
        } finally {
            gauge.leave();
            isInside = false;
        }
    }

    /** Ends the preparation. @return the gauge of the thread that did it */
    WorkerGauge handOver(WorkerGauge workers) {
        WorkerGauge preparing = gauge;
        gauge = workers;
        return preparing;
    }

    /** The gauge of who enters now. */
    WorkerGauge gauge() {
        return gauge;
    }

    /**
     * Enters.
     *
     * @param cpuBudgetNs CPU time the entry may take where the code is warm
     */
    void begin(long cpuBudgetNs) {
        if (++sinceReset == ENTRIES_PER_RESET) {
            sinceReset = 0;
            script.resetStatements();
        }
        long nowNs = System.nanoTime();
        enteredNs = nowNs;
        isYoung = nowNs - youngUntilNs < 0 || served < YOUNG_ENTRIES;
        served++;
        long budgetNs = isYoung ? Math.max(cpuBudgetNs, options.coldCpuMs() * MS) : cpuBudgetNs;
        isInside = true;
        gauge.enter(script, nowNs, budgetNs, bytesMax);
    }

    /** Leaves. @return how long the thread was inside, in nanoseconds */
    long end() {
        gauge.leave();
        isInside = false;
        lastWallNs = System.nanoTime() - enteredNs;
        return lastWallNs;
    }

    boolean isInside() {
        return isInside;
    }

    /** When the last entry began. */
    long enteredNs() {
        return enteredNs;
    }

    /** CPU time of the entry that has just ended. */
    long lastCpuNs() {
        return gauge.cpuNs(lastWallNs);
    }

    /** Whether the entry that has just ended had the budget of cold code. */
    boolean wasYoung() {
        return isYoung;
    }

    /** What to say of what has just left the context. */
    String textOf(PolyglotException thrown) {
        Overrun overrun = gauge.overrun();
        return overrun != null
                ? "it was stopped over its " + overrun.code()
                : version.stacks().of(thrown);
    }

    /** The stable code of the context's end, if what has just left it was that; null if it serves on. */
    @Nullable
    String endedBy(PolyglotException thrown) {
        Overrun overrun = gauge.overrun();
        if (overrun != null) {
            return overrun.code();
        }
        if (!thrown.isCancelled()) {
            return null;
        }
        return thrown.isResourceExhausted() ? Overrun.STATEMENTS.code() : FaultCode.CONTEXT_ENDED.code();
    }

    /**
     * Whether who left a piece of script to run later has used up what it may: a call what its exchange has, anybody else
     * what the context has each second. Looked at between entries: one is never stopped, and its context with it, for what
     * others have used up before.
     *
     * @param owner the call, if there is one
     * @param isServing while it is set up no worker waits, and the time for a setup is the bound
     */
    boolean isSpent(@Nullable ScriptCall owner, boolean isServing) {
        return owner != null
                ? owner.budget().isSpent(requestCpuNs)
                : isServing && background.leftNs(System.nanoTime()) <= 0;
    }

    /** Charges who left it for the entry that has just ended. */
    void charge(@Nullable ScriptCall owner, boolean isServing) {
        if (owner != null) {
            owner.ranLater(lastCpuNs(), isYoung);
        } else if (isServing) {
            background.add(ExchangeBudget.counted(lastCpuNs(), isYoung));
        }
    }
}
