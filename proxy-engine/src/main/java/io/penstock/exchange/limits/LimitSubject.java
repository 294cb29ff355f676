package io.penstock.exchange.limits;

import io.penstock.exchange.facts.FilterNotes;
import io.penstock.exchange.facts.RequestLookup;
import io.penstock.http.RequestHead;
import io.penstock.limit.KeyHash;
import io.penstock.limit.LimitPlan;
import io.penstock.mark.WorkerConfined;

/** For whom limits are asked: one request, as far as it is known by then. Reused by the exchanges of one slot. */
@WorkerConfined
public final class LimitSubject {
    /** Takes the limits that bound how fast bodies pass. */
    public interface Bandwidths {
        /** From here on the bodies are held to the bandwidths of a limit, for a key. */
        void add(LimitPlan plan, KeyHash key);
    }

    private final RequestHead head;
    private final RequestLookup lookup;
    private final FilterNotes notes;
    private final LimitReport report = new LimitReport();
    private final HeldPlaces places = new HeldPlaces();
    private final Bandwidths bandwidths;

    /** Of a stream's requests, one after the other. */
    public LimitSubject(RequestHead head, RequestLookup lookup, FilterNotes notes, Bandwidths bandwidths) {
        this.head = head;
        this.lookup = lookup;
        this.notes = notes;
        this.bandwidths = bandwidths;
    }

    RequestHead head() {
        return head;
    }

    /** 16 bytes. */
    byte[] clientAddress() {
        return lookup.clientAddress();
    }

    /** What the answer will tell. */
    public LimitReport report() {
        return report;
    }

    /** What its exchange holds of limits. */
    HeldPlaces places() {
        return places;
    }

    /** Which bandwidths its bodies are held to. */
    Bandwidths bandwidths() {
        return bandwidths;
    }

    /** What filters have found out so far. */
    public FilterNotes notes() {
        return notes;
    }
}
