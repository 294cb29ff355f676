package io.penstock.worker;

import io.penstock.spi.Filter;
import io.penstock.spi.FilterCall;
import io.penstock.spi.FilterPhase;
import io.penstock.spi.FilterWorker;
import io.penstock.spi.Outbound;
import io.penstock.spi.PreparedFilter;
import io.penstock.spi.RequestView;
import io.penstock.spi.ResponseView;
import io.penstock.spi.Verdict;
import io.penstock.spi.WorkerId;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** A filter whose verdicts are the test's; where it suspends, the test resumes it, early, late or never. */
public final class FakeFilter implements PreparedFilter, Filter {
    private final FilterPhase phase;
    private final List<Long> tickets = new ArrayList<>();
    private final List<Long> cancelled = new ArrayList<>();
    private Verdict onRequest = Verdict.CONTINUE;
    private Verdict onResponse = Verdict.CONTINUE;
    private boolean resumesInside;
    private boolean isSkippedOnFailure;
    private Consumer<Long> whenCancelled = ticket -> {};
    private Consumer<FilterCall> inRequest = call -> {};
    private Consumer<FilterCall> inResponse = call -> {};
    private FilterWorker worker = new Nobody();
    private Runnable afterwards = () -> {};
    private int requests;
    private int responses;
    private int closed;

    public FakeFilter(FilterPhase phase) {
        this.phase = phase;
    }

    /** What the request hook says; {@link Verdict#SUSPENDED} takes a ticket first. */
    public FakeFilter onRequest(Verdict verdict) {
        onRequest = verdict;
        return this;
    }

    /** What the response hook says. */
    public FakeFilter onResponse(Verdict verdict) {
        onResponse = verdict;
        return this;
    }

    /** What the request hook does before it says its verdict. */
    public FakeFilter inRequest(Consumer<FilterCall> hook) {
        inRequest = hook;
        return this;
    }

    /** What it does when it is told that nobody waits. */
    public FakeFilter whenCancelled(Consumer<Long> hook) {
        whenCancelled = hook;
        return this;
    }

    /** What the response hook does before it says its verdict. */
    public FakeFilter inResponse(Consumer<FilterCall> hook) {
        inResponse = hook;
        return this;
    }

    /** Its failures are passed over. */
    public FakeFilter skippedOnFailure() {
        isSkippedOnFailure = true;
        return this;
    }

    @Override
    public boolean isSkippedOnFailure() {
        return isSkippedOnFailure;
    }

    /** The worker that called it last. */
    public FilterWorker worker() {
        return worker;
    }

    /** A suspended hook is resumed before it returns. */
    public FakeFilter resumesInside() {
        resumesInside = true;
        return this;
    }

    /** Lets the exchange suspended last go on. */
    public void resume(Verdict verdict) {
        resume(tickets.getLast(), verdict);
    }

    public void resume(long ticket, Verdict verdict) {
        worker.resume(ticket, verdict);
        afterwards.run();
    }

    /** Runs after each resumption: the rest of the loop's turn. */
    void afterwards(Runnable task) {
        afterwards = task;
    }

    /** The tickets taken, in order. */
    public List<Long> tickets() {
        return tickets;
    }

    /** The tickets whose exchanges ended first. */
    public List<Long> cancelled() {
        return cancelled;
    }

    public int requests() {
        return requests;
    }

    public int responses() {
        return responses;
    }

    public int closedTimes() {
        return closed;
    }

    @Override
    public String name() {
        return "fake";
    }

    @Override
    public FilterPhase phase() {
        return phase;
    }

    @Override
    public boolean hasRequestHook() {
        return true;
    }

    @Override
    public boolean hasResponseHook() {
        return true;
    }

    @Override
    public Filter open(WorkerId id) {
        return this;
    }

    @Override
    public Verdict onRequest(RequestView request, FilterCall call) {
        requests++;
        inRequest.accept(call);
        return say(onRequest, call);
    }

    @Override
    public Verdict onResponse(ResponseView response, FilterCall call) {
        responses++;
        inResponse.accept(call);
        return say(onResponse, call);
    }

    private Verdict say(Verdict verdict, FilterCall call) {
        worker = call.worker();
        if (verdict instanceof Verdict.Suspended) {
            tickets.add(call.suspend());
            if (resumesInside) {
                worker.resume(tickets.getLast(), Verdict.CONTINUE);
            }
        }
        return verdict;
    }

    @Override
    public void cancelled(long ticket) {
        cancelled.add(ticket);
        whenCancelled.accept(ticket);
    }

    @Override
    public void close() {
        closed++;
    }

    private static final class Nobody implements FilterWorker {
        @Override
        public WorkerId id() {
            throw new AssertionError("the filter was never called");
        }

        @Override
        public long nowNs() {
            throw new AssertionError("the filter was never called");
        }

        @Override
        public Scheduled schedule(long delayNs, Runnable task) {
            throw new AssertionError("the filter was never called");
        }

        @Override
        public void resume(long ticket, Verdict verdict) {
            throw new AssertionError("the filter was never called");
        }

        @Override
        public void post(Runnable task) {
            throw new AssertionError("the filter was never called");
        }

        @Override
        public Outbound outbound() {
            throw new AssertionError("the filter was never called");
        }

        @Override
        public long epochMs() {
            throw new AssertionError("the filter was never called");
        }

        @Override
        public long tryAcquire(String limit, String key) {
            throw new AssertionError("the filter was never called");
        }
    }
}
