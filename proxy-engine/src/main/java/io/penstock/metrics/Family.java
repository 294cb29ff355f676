package io.penstock.metrics;

import java.util.List;

/** A kind of thing that is counted one by one, under a bound on how many. */
@SuppressWarnings(
        "ImmutableEnumChecker") // lists of List.of and records of them; the checker knows only its own annotation
public enum Family {
    /** Listeners. */
    LISTENER("listener"),
    /** Routes. */
    ROUTE("route"),
    /** Upstreams. */
    UPSTREAM("upstream"),
    /** Endpoints of upstreams. */
    ENDPOINT("upstream", "endpoint"),
    /** Services that share a route. */
    BACKEND("route", "backend"),
    /** Limits. */
    LIMIT("limit"),
    /** Hooks of the gateway's own filters. */
    FILTER("filter", "hook");

    private final List<String> labels;

    Family(String... labels) {
        this.labels = List.of(labels);
    }

    /** The labels that name one member. */
    public List<String> labels() {
        return labels;
    }

    /** Its place in tables of all of them, from 0. */
    @SuppressWarnings("EnumOrdinal") // an array on the request path; nothing of it is kept
    int index() {
        return ordinal();
    }
}
