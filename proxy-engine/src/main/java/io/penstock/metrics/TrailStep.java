package io.penstock.metrics;

import java.util.Optional;

/**
 * One decision about a request.
 *
 * @param elapsedUs microseconds since the request's first byte
 * @param detail the route, limit, filter or endpoint; empty if there is none
 * @param isFollowedByMore whether later steps were left out for want of room
 */
public record TrailStep(
        TrailSteps.Kind kind,
        TrailSteps.Verdict verdict,
        long elapsedUs,
        String detail,
        Optional<Reason> reason,
        boolean isFollowedByMore) {}
