package io.penstock.config;

import java.time.Duration;
import java.util.Optional;

/** When a canary is taken back. */
public record PluginAbort(
        @Doc("After this many faults.") Optional<Integer> faults,

        @Doc("When the 99th percentile of a hook's time is longer than this.")
        Optional<Duration> p99Over) {}
