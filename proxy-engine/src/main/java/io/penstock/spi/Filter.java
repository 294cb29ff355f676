package io.penstock.spi;

/**
 * One worker's instance of a filter. From the moment its snapshot is adopted only that worker enters it, and only that
 * worker closes it, after the last exchange that holds it has ended.
 */
public interface Filter {
    /** Sees a request before it goes on. */
    default Verdict onRequest(RequestView request, FilterCall call) {
        return Verdict.CONTINUE;
    }

    /** Sees a response's head before it goes to the client. */
    default Verdict onResponse(ResponseView response, FilterCall call) {
        return Verdict.CONTINUE;
    }

    /** The exchange that waits for {@code ticket} has ended; resuming it is of no effect from now on. */
    default void cancelled(long ticket) {}

    /** Lets go of what the instance holds. */
    default void close() {}
}
