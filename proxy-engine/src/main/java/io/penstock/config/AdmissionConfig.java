package io.penstock.config;

import java.time.Duration;
import java.util.List;
import java.util.Map;

/** How many exchanges go on at once, who goes first, and what becomes of those beyond. */
public record AdmissionConfig(
        @Doc("How many exchanges may go on at once, over all workers and all routes that the level holds for.")
        int concurrency,

        @Doc("How many may wait, how long, and in which order.")
        AdmissionQueueConfig queue,

        @Doc("Classes of requests that go before all others, the first class first; the first that fits is taken.")
        List<PriorityConfig> priorities,

        @Doc("When a client that was turned away is told to come again.") @Default("5s")
        Duration retryAfter) {
    /** How many classes may be written. */
    public static final int PRIORITIES_MAX = 7;

    private static final Duration RETRY_AFTER_MIN = Duration.ofSeconds(1);
    private static final Duration RETRY_AFTER_MAX = Duration.ofHours(1);

    public AdmissionConfig {
        priorities = List.copyOf(priorities);
        new ValueChecks()
                .between("concurrency", concurrency, 1, 1_000_000)
                .require(
                        retryAfter.compareTo(RETRY_AFTER_MIN) >= 0 && retryAfter.compareTo(RETRY_AFTER_MAX) <= 0,
                        "retryAfter",
                        "found " + DurationText.format(retryAfter) + ", wanted 1s to 1h")
                .require(
                        priorities.size() <= PRIORITIES_MAX,
                        "priorities",
                        "found " + priorities.size() + " classes, wanted at most " + PRIORITIES_MAX)
                .end();
    }

    /** An admission with the usual queue and without classes. */
    public static AdmissionConfig of(int concurrency) {
        return RecordDefaults.of(AdmissionConfig.class, Map.of("concurrency", concurrency));
    }

    /** The same with another queue. */
    public AdmissionConfig with(AdmissionQueueConfig other) {
        return new AdmissionConfig(concurrency, other, priorities, retryAfter);
    }

    /** The same with these classes. */
    public AdmissionConfig with(PriorityConfig... classes) {
        return new AdmissionConfig(concurrency, queue, List.of(classes), retryAfter);
    }
}
