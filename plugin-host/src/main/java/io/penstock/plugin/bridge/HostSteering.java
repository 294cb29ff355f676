package io.penstock.plugin.bridge;

import io.penstock.mark.WorkerConfined;
import org.graalvm.polyglot.HostAccess;
import org.jspecify.annotations.Nullable;

/** Where and how the request goes, as far as a script may say. */
@WorkerConfined
public final class HostSteering {
    private final ScriptHost host;
    private final ScriptCall call;

    HostSteering(ScriptHost host, ScriptCall call) {
        this.host = host;
        this.call = call;
    }

    /** Sends the request to another upstream; null, or why not. */
    @HostAccess.Export
    @Nullable
    public String use(String name) {
        String shown = ScriptCall.shortened(name);
        if (!host.grants().upstreams().contains(name)) {
            return "upstream \"" + shown + "\" is not among permissions.upstreams of the manifest";
        }
        return call.requireLive().upstream().use(name) ? null : "the config has no upstream \"" + shown + "\"";
    }

    /** Gives the key of a hashing balancer; null, or why that is of no use. */
    @HostAccess.Export
    @Nullable
    public String hashKey(String key) {
        return call.requireLive().upstream().hashKey(key)
                ? null
                : "ctx.upstream.hashKey needs an upstream whose balancer hashes, which is maglev;"
                        + " ctx.upstream.prefer(address) names an endpoint";
    }

    @HostAccess.Export
    public boolean prefer(String address) {
        return call.requireLive().upstream().prefer(address);
    }

    @HostAccess.Export
    public void timeout(double milliseconds) {
        if (milliseconds >= 1) {
            call.requireLive().upstream().totalTimeoutMs((long) milliseconds);
        }
    }

    @HostAccess.Export
    public void noRetry() {
        call.requireLive().upstream().noRetry();
    }
}
