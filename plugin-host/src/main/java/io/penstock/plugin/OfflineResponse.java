package io.penstock.plugin;

import io.penstock.http.Fields;
import io.penstock.mark.WorkerConfined;
import io.penstock.spi.ResponseView;

/** The head of an answer that nobody gave. */
@WorkerConfined
final class OfflineResponse implements ResponseView {
    private final Fields fields = new Fields();
    private int status;

    OfflineResponse(int status) {
        this.status = status;
    }

    @Override
    public int status() {
        return status;
    }

    @Override
    public boolean isFromUpstream() {
        return true;
    }

    @Override
    public void status(int changed) {
        status = changed;
    }

    @Override
    public Fields fields() {
        return fields;
    }
}
