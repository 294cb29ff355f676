package io.penstock.exchange;

import io.penstock.mark.WorkerConfined;
import io.penstock.spi.Verdict;
import io.penstock.transport.Received;

/**
 * The way of one body through the body hooks of a chain, part by part: what one hook gives, the next one sees. While a
 * hook is waited for, its part is kept and nothing else may come; the sink holds the source back.
 *
 * <p>The end is a part of its own without bytes, so that a hook that gathered something can give it then.
 */
@WorkerConfined
final class BodyRun {
    private static final byte[] NOTHING = {};

    private final FilterRun filters;
    private final HookCall call;
    private final Hook hook;
    private final BodyPart part = new BodyPart();
    private final Sink sink;

    /** The entry that is asked next. */
    private int next;

    private boolean isWaiting;
    private boolean isEndOwed;

    /** Where a body goes behind its hooks. Each method may end the exchange, and says so by returning false. */
    interface Sink {
        /** A part has passed; it may be empty. */
        boolean put(BodyPart part);

        /** All parts have passed. */
        void ended();

        /** A hook is waited for: no more may come. */
        void pause();

        /** The hook has come to its verdict: more may come. */
        void goOn();
    }

    BodyRun(FilterRun filters, HookCall call, Hook hook, Sink sink) {
        this.filters = filters;
        this.call = call;
        this.hook = hook;
        this.sink = sink;
    }

    /** Whether a hook is waited for. */
    boolean isWaiting() {
        return isWaiting;
    }

    /** Takes a part in. @return whether the exchange still runs */
    boolean take(Received bytes, int offset, int length) {
        part.begin(bytes, offset, length);
        return begin();
    }

    /** Takes a part in that is not written to any more. @return whether the exchange still runs */
    boolean take(byte[] bytes) {
        part.begin(bytes, false);
        return begin();
    }

    /** Nothing follows. */
    void end() {
        if (isWaiting) {
            isEndOwed = true;
        } else {
            part.begin(NOTHING, true);
            begin();
        }
    }

    private boolean begin() {
        next = filters.chain().first(hook);
        return goOn();
    }

    // Returns whether the exchange still runs.
    private boolean goOn() {
        boolean isLast = part.isEnd();
        while (next != FilterChain.NONE && (part.count() > 0 || isLast)) {
            int at = next;
            next = filters.chain().next(hook, at);
            part.open();
            Verdict verdict = call.enter(at, hook);
            if (verdict instanceof Verdict.Suspended) {
                part.keep();
                isWaiting = true;
                sink.pause();
                return true;
            }
            part.close();
            if (!filters.acceptOfBody(at, hook, verdict)) {
                return false;
            }
        }
        return pass(isLast);
    }

    private boolean pass(boolean isLast) {
        if (!sink.put(part)) {
            return false;
        }
        if (isLast) {
            sink.ended();
            return false;
        }
        if (isEndOwed) {
            isEndOwed = false;
            end();
            return false;
        }
        return true;
    }

    /** The hook that was waited for has come to its verdict. */
    void resumed(int at, Verdict verdict) {
        isWaiting = false;
        part.close();
        if (filters.acceptOfBody(at, hook, verdict) && goOn() && !isWaiting) {
            sink.goOn();
        }
    }

    /** The part that hooks see now. */
    BodyPart part() {
        return part;
    }

    void reset() {
        part.reset();
        isWaiting = false;
        isEndOwed = false;
        next = FilterChain.NONE;
    }
}
