package io.penstock.exchange;

import io.penstock.http.Fields;
import io.penstock.http.ResponseHead;
import io.penstock.mark.WorkerConfined;
import io.penstock.spi.ResponseView;

/** The response's head as filters see it while it is open: the endpoint's, or our own answer's. */
@WorkerConfined
final class ResponseEdits implements ResponseView {
    private final Exchange exchange;
    private boolean isOpen;

    ResponseEdits(Exchange exchange) {
        this.exchange = exchange;
    }

    void open() {
        isOpen = true;
    }

    void close() {
        isOpen = false;
    }

    private ResponseHead head() {
        if (!isOpen) {
            throw new IllegalStateException("the hook is over; its response can no longer be used");
        }
        return exchange.response().head();
    }

    @Override
    public boolean isFromUpstream() {
        head();
        return exchange.response().isUpstreams();
    }

    @Override
    public int status() {
        return head().status();
    }

    @Override
    public void status(int status) {
        head().status(status);
    }

    @Override
    public Fields fields() {
        return head().fields();
    }
}
