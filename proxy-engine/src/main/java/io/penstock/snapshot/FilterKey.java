package io.penstock.snapshot;

import io.penstock.config.FilterConfig;

/** What makes two entries one filter: the same settings, inherited from the same level. */
record FilterKey(String origin, FilterConfig config) {}
