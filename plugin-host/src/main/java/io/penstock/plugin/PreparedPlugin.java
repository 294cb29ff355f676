package io.penstock.plugin;

import io.penstock.config.OnFailure;
import io.penstock.plugin.js.Hook;
import io.penstock.plugin.js.ScriptRefusedException;
import io.penstock.spi.FilterPhase;
import io.penstock.spi.FilterRefusedException;
import io.penstock.spi.PreparedFilter;
import io.penstock.spi.WorkerId;
import org.jspecify.annotations.Nullable;

/** A binding whose settings are checked. */
final class PreparedPlugin implements PreparedFilter {
    private final PluginVersion version;
    private final Settings config;
    private final OnFailure onFailure;
    private final boolean isAuthenticator;
    private final ContextBatch batch;

    /**
     * Makes one.
     *
     * @param config checked settings
     * @param isAuthenticator whether it is an entry of {@code auth}, where only its authenticate hook runs
     * @param batch those that are adopted together, and share a context
     */
    PreparedPlugin(
            PluginVersion version, Settings config, OnFailure onFailure, boolean isAuthenticator, ContextBatch batch) {
        this.version = version;
        this.config = config;
        this.onFailure = onFailure;
        this.isAuthenticator = isAuthenticator;
        this.batch = batch;
    }

    @Override
    public String name() {
        return "plugin " + version.manifest().id();
    }

    @Override
    public boolean tellsCost() {
        return true;
    }

    @Override
    public FilterPhase phase() {
        return isAuthenticator ? FilterPhase.AUTH : FilterPhase.TRANSFORM;
    }

    private boolean has(Hook hook) {
        return (hook == Hook.AUTHENTICATE) == isAuthenticator && version.hooks().contains(hook);
    }

    @Override
    public boolean isSkippedOnFailure() {
        return onFailure == OnFailure.OPEN;
    }

    @Override
    public boolean hasRequestHook() {
        return isAuthenticator || has(Hook.ON_REQUEST) || has(Hook.FETCH) || hasGate();
    }

    @Override
    public boolean hasResponseHook() {
        return has(Hook.ON_RESPONSE) || (has(Hook.ON_RESPONSE_BODY) && hasGate());
    }

    private boolean hasGate() {
        return ((has(Hook.ON_REQUEST_BODY) || has(Hook.ON_RESPONSE_BODY))
                        && new BodyGate(version.manifest().body()).isNeeded())
                || (decodesBody() && has(Hook.ON_RESPONSE));
    }

    @Override
    public boolean decodesBody() {
        return version.manifest().body().decode();
    }

    @Override
    public boolean hasUpstreamRequestHook() {
        return has(Hook.ON_UPSTREAM_REQUEST);
    }

    @Override
    public boolean hasRequestBodyHook() {
        return has(Hook.ON_REQUEST_BODY);
    }

    @Override
    public boolean hasResponseBodyHook() {
        return has(Hook.ON_RESPONSE_BODY);
    }

    @Override
    public boolean keepsBodyLength() {
        return version.manifest().body().sameLength();
    }

    @Override
    public boolean hasTrailersHook() {
        return has(Hook.ON_RESPONSE_TRAILERS);
    }

    @Override
    public boolean hasErrorHook() {
        return has(Hook.ON_ERROR);
    }

    @Override
    public boolean hasLogHook() {
        return has(Hook.ON_LOG);
    }

    // In contexts that are thrown away: compiled code belongs to the engine, but what a module's globals remember would
    // be samples. Once for a version; its other contexts find the code. In two of them, since what was compiled for one
    // context alone is thrown away when a second one runs it: after one, the first request of a worker took 48 ms of
    // CPU time, nearly all that a young context is allowed; after two, 25 ms.
    private void warmUp() throws ScriptRefusedException {
        long forNs = batch.runtime().options().warmUpMs() * 1_000_000L;
        if (forNs > 0 && version.beginWarmUp()) {
            warmUp(forNs);
            warmUp(forNs / 4);
        }
    }

    private void warmUp(long forNs) throws ScriptRefusedException {
        try (Trial trial = new Trial(batch.runtime(), version, config)) {
            trial.warmUp(forNs);
        }
    }

    PluginVersion version() {
        return version;
    }

    @Override
    public PluginFilter open(WorkerId worker) throws FilterRefusedException {
        return open(worker, null);
    }

    /** As {@link #open(WorkerId)}, of a canary. */
    PluginFilter open(WorkerId worker, @Nullable CanaryWatch watch) throws FilterRefusedException {
        WorkerScripts scripts = batch.scriptsOf(version, worker);
        try {
            warmUp();
            int binding = scripts.open(config.json());
            return new PluginFilter(scripts, binding, onFailure, isAuthenticator, watch);
        } catch (ScriptRefusedException refused) {
            batch.forget(version, worker);
            throw new FilterRefusedException(
                    "/use", "plugin " + version.manifest().id() + " does not start: " + refused.getMessage());
        }
    }
}
