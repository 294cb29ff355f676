package io.penstock.spi;

/** What a filter may ask about the exchange it is called for. Valid during the hook only. */
public interface FilterCall {
    /** The worker that runs the exchange. */
    FilterWorker worker();

    /** The route's name. */
    String route();

    /** The exchange's request id. */
    String requestId();

    /**
     * Announces that the hook will return {@link Verdict#SUSPENDED}.
     *
     * @return the ticket for {@link FilterWorker#resume}; also told to {@link Filter#cancelled} if the exchange ends first
     */
    long suspend();
}
