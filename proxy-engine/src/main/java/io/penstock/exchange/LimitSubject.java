package io.penstock.exchange;

import io.penstock.http.RequestHead;
import io.penstock.mark.WorkerConfined;

/** For whom limits are asked: one request, as far as it is known by then. Reused by the exchanges of one slot. */
@WorkerConfined
final class LimitSubject {
    private final RequestHead head;
    private final RequestLookup lookup;
    private final FilterNotes notes;
    private final LimitReport report = new LimitReport();
    private final HeldPlaces places = new HeldPlaces();

    LimitSubject(RequestHead head, RequestLookup lookup, FilterNotes notes) {
        this.head = head;
        this.lookup = lookup;
        this.notes = notes;
    }

    RequestHead head() {
        return head;
    }

    /** 16 bytes. */
    byte[] clientAddress() {
        return lookup.clientAddress();
    }

    /** What the answer will tell. */
    LimitReport report() {
        return report;
    }

    /** What its exchange holds of limits. */
    HeldPlaces places() {
        return places;
    }

    /** What filters have found out so far. */
    FilterNotes notes() {
        return notes;
    }
}
