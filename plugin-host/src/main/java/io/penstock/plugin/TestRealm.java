package io.penstock.plugin;

import io.penstock.mark.WorkerConfined;
import io.penstock.plugin.bridge.ScriptCall;
import io.penstock.plugin.bridge.ScriptGrants;
import io.penstock.plugin.bridge.ScriptHost;
import io.penstock.plugin.kv.WorkerStore;
import io.penstock.spi.FilterWorker.Scheduled;
import io.penstock.spi.Outbound;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What the context of a file of tests has around it: the day's clock, timers, a console; neither gateway nor network. */
@WorkerConfined
final class TestRealm implements ScriptHost {
    private final ScriptRuntime runtime;
    private final SetupLoop loop;
    private final Consumer<Runnable> entry;
    private final Consumer<String> console;

    /**
     * Makes one.
     *
     * @param entry runs a piece of script, whatever comes of it
     * @param console takes lines
     */
    TestRealm(ScriptRuntime runtime, SetupLoop loop, Consumer<Runnable> entry, Consumer<String> console) {
        this.runtime = runtime;
        this.loop = loop;
        this.entry = entry;
        this.console = console;
    }

    @Override
    public void log(String level, String requestId, String text) {
        console.accept(level + ": " + text);
    }

    @Override
    public void count(String name, double by) {}

    @Override
    public long nowNs() {
        return System.nanoTime();
    }

    @Override
    public double ownEpochMs() {
        return Double.NaN;
    }

    @Override
    public Scheduled schedule(long delayNs, @Nullable ScriptCall owner, Runnable script) {
        return loop.schedule(System.nanoTime() + delayNs, () -> entry.accept(script));
    }

    @Override
    public void soon(@Nullable ScriptCall owner, Runnable script) {
        loop.post(() -> entry.accept(script));
    }

    @Override
    public void post(@Nullable ScriptCall owner, Runnable script) {
        loop.post(() -> entry.accept(script));
    }

    @Override
    public void offload(Runnable work) {
        runtime.offload(work);
    }

    @Override
    @Nullable
    public Outbound outbound() {
        return null;
    }

    @Override
    public ScriptGrants grants() {
        return ScriptGrants.NONE;
    }

    @Override
    @Nullable
    public WorkerStore store() {
        return null;
    }

    @Override
    public void settled(ScriptCall call) {}
}
