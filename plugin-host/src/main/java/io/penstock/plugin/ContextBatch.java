package io.penstock.plugin;

import io.penstock.spi.WorkerId;
import java.util.HashMap;
import java.util.Map;

/**
 * Bindings that are prepared together and adopted together: on each worker, those of one version share a context. A
 * binding that is prepared later gets a context of its own, since the first belongs to its worker by then.
 */
final class ContextBatch {
    private final ScriptRuntime runtime;
    private final Map<Key, WorkerScripts> scripts = new HashMap<>();

    private record Key(String sha256, int worker) {}

    ContextBatch(ScriptRuntime runtime) {
        this.runtime = runtime;
    }

    ScriptRuntime runtime() {
        return runtime;
    }

    /** What runs a version on a worker. Any thread that is no worker. */
    synchronized WorkerScripts scriptsOf(PluginVersion version, WorkerId worker) {
        return scripts.computeIfAbsent(
                new Key(version.sha256(), worker.index()),
                key -> runtime.tenants()
                        .add(new WorkerScripts(
                                runtime, version, worker, runtime.gaugeOf(worker.index()), runtime.storeOf(version))));
    }

    /** Lets the next binding begin anew, after one that did not start. */
    synchronized void forget(PluginVersion version, WorkerId worker) {
        scripts.remove(new Key(version.sha256(), worker.index()));
    }
}
