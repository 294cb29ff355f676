package io.penstock.plugin.bridge;

import io.penstock.http.Fields;
import io.penstock.mark.WorkerConfined;
import io.penstock.spi.ResponseView;
import org.graalvm.polyglot.HostAccess;
import org.jspecify.annotations.Nullable;

/** The head of a live response, as a script sees it through one call. */
@WorkerConfined
public final class HostResponse implements HostFields.Section {
    private final ScriptCall call;
    private final ResponseView response;

    HostResponse(ScriptCall call, ResponseView response) {
        this.call = call;
        this.response = response;
    }

    @HostAccess.Export
    public int status() {
        call.requireLive();
        return response.status();
    }

    /** Changes the status; null, or what is wrong with it. */
    @HostAccess.Export
    @Nullable
    public String setStatus(int status) {
        call.requireLive();
        String fault = AnswerDraft.statusFault(status);
        if (fault == null) {
            response.status(status);
        }
        return fault;
    }

    @HostAccess.Export
    public HostFields fields() {
        return new HostFields(call, this);
    }

    @Override
    public Fields section() {
        return response.fields();
    }
}
