package io.penstock.discovery;

import java.time.Instant;

/**
 * What an operator says of a target's health for a time, whatever checks and requests say. State, not configuration: it holds
 * over revisions, also for a target that is written later.
 *
 * @param upstream the upstream's name
 * @param authority the target as written, {@code host:port}; it holds for all its addresses
 * @param isHealthy whether the target takes requests; one that an operator calls unhealthy takes none in a panic either
 * @param until when checks and requests decide again
 */
public record HealthOverride(String upstream, String authority, boolean isHealthy, Instant until) {}
