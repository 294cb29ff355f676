package io.penstock.snapshot;

import io.penstock.config.FilterConfig;

/**
 * What makes two entries one filter: the same settings, inherited from the same level, in the same list.
 *
 * @param authenticates whether it stands in a list of {@code auth}
 */
record FilterKey(String origin, FilterConfig config, boolean authenticates) {}
