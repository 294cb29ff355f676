/** What was observed: single-writer counters, latency recorders, their catalogue and the access log's ring. */
@NullMarked
package io.penstock.metrics;

import org.jspecify.annotations.NullMarked;
