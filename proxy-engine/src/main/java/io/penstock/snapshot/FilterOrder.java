package io.penstock.snapshot;

import io.penstock.config.FilterConfig;
import io.penstock.spi.PreparedFilter;

/**
 * A filter that a draft will need and that takes long to open.
 *
 * @param config the entry
 * @param origin which level of the config it comes from
 * @param authenticates whether it stands in a list of {@code auth}
 * @param prepared the filter, its config checked
 */
public record FilterOrder(FilterConfig config, String origin, boolean authenticates, PreparedFilter prepared) {
    FilterKey key() {
        return new FilterKey(origin, config, authenticates);
    }
}
