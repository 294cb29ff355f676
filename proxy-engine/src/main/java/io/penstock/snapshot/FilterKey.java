package io.penstock.snapshot;

/**
 * What makes two entries one filter: the same settings, inherited from the same level, in the same list.
 *
 * @param config a filter's or an authenticator's
 * @param authenticates whether it stands in a list of {@code auth}
 */
record FilterKey(String origin, Object config, boolean authenticates) {}
