package io.penstock.spi;

import io.penstock.config.FilterConfig;

/** Makes filters of one type. Called on the control thread only. */
public interface FilterProvider {
    /** The record of the config that this provider understands. */
    Class<? extends FilterConfig> configType();

    /** A snapshot begins to be compiled: what is prepared until the next call is adopted together, or not at all. */
    default void begin() {}

    /**
     * Whether {@link PreparedFilter#open} may take long, as a script's context does. Then it is opened on a preparation
     * thread before the change is compiled, beside the control thread and all workers; one that is not open in time is
     * interrupted, and the change refused. Else it is opened on the control thread.
     */
    default boolean isSlowToOpen() {
        return false;
    }

    /**
     * Checks a filter's config and prepares what its instances share.
     *
     * @throws FilterRefusedException if this config cannot run; nothing is kept then
     */
    PreparedFilter prepare(FilterConfig config) throws FilterRefusedException;

    /**
     * The same for an entry of {@code auth}: what is prepared must be of {@link FilterPhase#AUTH}, and its request hook finds
     * out who calls.
     */
    default PreparedFilter prepareAuthenticator(FilterConfig config) throws FilterRefusedException {
        return prepare(config);
    }
}
