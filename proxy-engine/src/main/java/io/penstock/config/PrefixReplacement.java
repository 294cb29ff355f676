package io.penstock.config;

/** Leading segments of a path and what stands there instead. */
public record PrefixReplacement(
        @Doc("The segments to take away, canonical.") String from,
        @Doc("The segments to put there.") String to) {}
