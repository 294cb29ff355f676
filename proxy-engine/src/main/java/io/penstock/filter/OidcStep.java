package io.penstock.filter;

import io.penstock.mark.WorkerConfined;
import io.penstock.spi.FilterCall;
import io.penstock.spi.FilterWorker;
import io.penstock.spi.Outbound;
import io.penstock.spi.Verdict;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One exchange that waits for an issuer. Once it is over, whatever comes is of no effect: its call may be another's. */
@WorkerConfined
final class OidcStep {
    private final FilterWorker worker;
    private final Map<Long, OidcStep> waiting;
    private final long ticket;
    private Outbound.@Nullable Call asking;

    /** Suspends the exchange of a call. */
    OidcStep(FilterCall call, Map<Long, OidcStep> waiting) {
        this.worker = call.worker();
        this.waiting = waiting;
        this.ticket = call.suspend();
        waiting.put(ticket, this);
    }

    FilterWorker worker() {
        return worker;
    }

    boolean isOver() {
        return waiting.get(ticket) != this;
    }

    /** Lets the exchange go on. */
    void end(Verdict verdict) {
        if (waiting.remove(ticket, this)) {
            worker.resume(ticket, verdict);
        }
    }

    /** Asks the issuer; one of both is called, the second with the code and the words of why there was no answer, unless it is over before. */
    void ask(Outbound.Request request, Consumer<Outbound.Response> then, BiConsumer<String, String> otherwise) {
        if (isOver()) {
            return;
        }
        asking = worker.outbound().sendRepeatable(request, new Outbound.Listener() {
            @Override
            public void responded(Outbound.Response response) {
                if (!isOver()) {
                    then.accept(response);
                }
            }

            @Override
            public void failed(String reason, String detail) {
                if (!isOver()) {
                    otherwise.accept(reason, detail);
                }
            }
        });
    }

    /** Nobody waits any more. */
    void cancel() {
        Outbound.Call sent = asking;
        if (sent != null) {
            sent.cancel();
        }
    }
}
