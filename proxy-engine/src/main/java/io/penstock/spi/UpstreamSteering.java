package io.penstock.spi;

/** What a filter may say, before the upstream is asked, about where and how the request goes. */
public interface UpstreamSteering {
    /**
     * Sends the request to another upstream of the config than the route's.
     *
     * @return false if there is none of this name
     */
    boolean use(String upstream);

    /**
     * Gives the key by which a hashing balancer chooses.
     *
     * @return false if the upstream's balancer does not hash
     */
    boolean hashKey(String key);

    /**
     * Prefers the endpoint of this address as long as it takes requests.
     *
     * @return false if the upstream has no such endpoint
     */
    boolean prefer(String address);

    /** Bounds the time until the response is complete, counted from now; never lengthens what the route allows. */
    void totalTimeoutMs(long milliseconds);

    /** Makes the first try the only one, except for a pooled connection that turned out to be closed. */
    void noRetry();
}
