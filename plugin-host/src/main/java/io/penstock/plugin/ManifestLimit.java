package io.penstock.plugin;

import java.util.Arrays;
import java.util.Set;
import java.util.stream.Collectors;

/** The budgets a manifest may set, with their standard values and ranges. */
enum ManifestLimit {
    CPU_MS("cpuMs", 5, 1, 1_000, "CPU time of one entry into the script, in milliseconds"),
    REQUEST_CPU_MS(
            "requestCpuMs",
            50,
            1,
            10_000,
            "CPU time of all hooks of one request, in milliseconds, and as much again for each 16 KiB of body that hooks see"),
    WALL_MS("wallMs", 5_000, 1, 300_000, "how long a hook may wait for its promise, in milliseconds"),
    MEMORY_MB("memoryMb", 32, 1, 1_024, "what one entry may allocate, in MiB"),
    BODY_BYTES("bodyBytes", 64 * 1024, 0, 64 << 20, "longest body that a hook may ask for as a whole, in bytes"),
    SUBREQUESTS("subrequests", 8, 0, 1_000, "requests that one request may cause by `fetch`");

    private final String member;
    private final int standard;
    private final int min;
    private final int max;
    private final String meaning;

    ManifestLimit(String member, int standard, int min, int max, String meaning) {
        this.member = member;
        this.standard = standard;
        this.min = min;
        this.max = max;
        this.meaning = meaning;
    }

    /** Names of all. */
    static Set<String> members() {
        return Arrays.stream(values()).map(limit -> limit.member).collect(Collectors.toUnmodifiableSet());
    }

    String member() {
        return member;
    }

    int standard() {
        return standard;
    }

    int min() {
        return min;
    }

    int max() {
        return max;
    }

    String meaning() {
        return meaning;
    }
}
