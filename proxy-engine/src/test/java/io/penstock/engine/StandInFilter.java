package io.penstock.engine;

import io.penstock.config.FilterConfig;
import io.penstock.config.HeadersFilterConfig;
import io.penstock.spi.Filter;
import io.penstock.spi.FilterPhase;
import io.penstock.spi.FilterProvider;
import io.penstock.spi.PreparedFilter;
import io.penstock.spi.WorkerId;

/** A filter without state that stands in where routes name header edits: the same for every entry and worker. */
interface StandInFilter extends FilterProvider, PreparedFilter, Filter {
    @Override
    default Class<? extends FilterConfig> configType() {
        return HeadersFilterConfig.class;
    }

    @Override
    default PreparedFilter prepare(FilterConfig config) {
        return this;
    }

    @Override
    default FilterPhase phase() {
        return FilterPhase.TRANSFORM;
    }

    @Override
    default boolean hasRequestHook() {
        return false;
    }

    @Override
    default boolean hasResponseHook() {
        return false;
    }

    @Override
    default Filter open(WorkerId worker) {
        return this;
    }
}
