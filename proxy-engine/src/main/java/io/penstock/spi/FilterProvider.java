package io.penstock.spi;

import io.penstock.config.FilterConfig;

/** Makes filters of one type. Called on the control thread only. */
public interface FilterProvider {
    /** The record of the config that this provider understands. */
    Class<? extends FilterConfig> configType();

    /**
     * Whether {@link PreparedFilter#open} may take long. Then {@link #prepare} is called once more before it, since what is
     * opened aside is opened before the change is compiled.
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
}
