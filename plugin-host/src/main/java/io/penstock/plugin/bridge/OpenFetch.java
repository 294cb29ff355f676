package io.penstock.plugin.bridge;

import io.penstock.mark.WorkerConfined;
import io.penstock.spi.Outbound;
import org.graalvm.polyglot.HostAccess;

/** A request of a script's own that is under way. */
@WorkerConfined
public final class OpenFetch {
    private final Outbound.Call call;

    OpenFetch(Outbound.Call call) {
        this.call = call;
    }

    @HostAccess.Export
    public void cancel() {
        call.cancel();
    }
}
