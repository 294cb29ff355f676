package io.penstock.exchange;

import io.penstock.mark.WorkerConfined;
import io.penstock.snapshot.FilterSlot;
import io.penstock.spi.FilterPhase;
import io.penstock.spi.PreparedFilter;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/**
 * The filters of one exchange: which there are, how far the request has come among them, and which take part in what. Hooks
 * on the way to the endpoint are asked outer first, all others inner first; nobody is asked whom the request never met.
 */
@WorkerConfined
final class FilterChain {
    /** No entry. */
    static final int NONE = -1;

    private static final FilterSlot[] NO_FILTERS = {};

    private FilterSlot[] slots = NO_FILTERS;
    private int entered;
    // Entries that were passed over because an earlier one had found out who calls.
    private int passedOverFrom;
    private int passedOverTo;
    // Entries that want nothing of a body; null as long as none has said so.
    private @Nullable BitSet withoutRequestBody;
    private @Nullable BitSet withoutResponseBody;

    void begin(FilterSlot[] filters) {
        slots = filters;
    }

    FilterSlot slot(int at) {
        return slots[at];
    }

    PreparedFilter prepared(int at) {
        return slots[at].prepared();
    }

    int size() {
        return slots.length;
    }

    /** How many the request has met or passed over. */
    int entered() {
        return entered;
    }

    /** Whether the next one is of a phase. */
    boolean hasNext(FilterPhase phase) {
        return entered < slots.length && slots[entered].prepared().phase() == phase;
    }

    /** The next one, which the request meets now. */
    int enter() {
        return entered++;
    }

    /** Leaves out what is left of a phase. */
    void passOver(FilterPhase phase) {
        passedOverFrom = entered;
        while (hasNext(phase)) {
            entered++;
        }
        passedOverTo = entered;
    }

    /** Leaves an entry out of the body hooks of a message. */
    void skipBody(int at, boolean ofRequest) {
        BitSet without = ofRequest ? withoutRequestBody : withoutResponseBody;
        if (without == null) {
            without = new BitSet(slots.length);
            if (ofRequest) {
                withoutRequestBody = without;
            } else {
                withoutResponseBody = without;
            }
        }
        without.set(at);
    }

    /** Whether an entry has a hook. */
    boolean has(Hook hook, int at) {
        return (slots[at].hooks() & hook.bit()) != 0;
    }

    /** The entry whose hook is asked first; {@link #NONE} if none has it. */
    int first(Hook hook) {
        return isForward(hook) ? next(hook, -1) : next(hook, entered);
    }

    /** The entry whose hook is asked after that of another. */
    int next(Hook hook, int after) {
        if (isForward(hook)) {
            for (int at = after + 1; at < entered; at++) {
                if (takesPart(hook, at)) {
                    return at;
                }
            }
        } else {
            for (int at = after - 1; at >= 0; at--) {
                if (takesPart(hook, at)) {
                    return at;
                }
            }
        }
        return NONE;
    }

    private static boolean isForward(Hook hook) {
        return hook == Hook.REQUEST || hook == Hook.UPSTREAM_REQUEST || hook == Hook.REQUEST_BODY;
    }

    private boolean takesPart(Hook hook, int at) {
        if ((slots[at].hooks() & hook.bit()) == 0 || (at >= passedOverFrom && at < passedOverTo)) {
            return false;
        }
        return switch (hook) {
            case REQUEST_BODY -> !isAmong(withoutRequestBody, at);
            case RESPONSE_BODY -> !isAmong(withoutResponseBody, at);
            case NONE, REQUEST, UPSTREAM_REQUEST, RESPONSE, TRAILERS, ERROR, LOG -> true;
        };
    }

    private static boolean isAmong(@Nullable BitSet set, int at) {
        return set != null && set.get(at);
    }

    /** Whether every body hook gives as many bytes as it takes. */
    boolean keepsLength(Hook hook) {
        for (int at = first(hook); at != NONE; at = next(hook, at)) {
            if (!slots[at].prepared().keepsBodyLength()) {
                return false;
            }
        }
        return true;
    }

    /** Whether a body hook wants the body without its coding. */
    boolean decodes(Hook hook) {
        for (int at = first(hook); at != NONE; at = next(hook, at)) {
            if (slots[at].prepared().decodesBody()) {
                return true;
            }
        }
        return false;
    }

    void reset() {
        slots = NO_FILTERS;
        entered = 0;
        passedOverFrom = 0;
        passedOverTo = 0;
        withoutRequestBody = null;
        withoutResponseBody = null;
    }
}
