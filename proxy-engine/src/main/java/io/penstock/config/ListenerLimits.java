package io.penstock.config;

import java.util.Optional;

/** The bounds of a listener. */
public record ListenerLimits(
        @Doc("Connections open at once, over all workers.") @Default("200000")
        int connections,

        @Doc("Connections accepted in a second, over all workers; absent means no bound of its own.")
        Optional<Integer> newPerSecond,

        @Doc("Bytes of a request head, and of a trailer section.") @Default("64KiB")
        ByteSize headBytes,

        @Doc("Fields of a request head, and of a trailer section.") @Default("200")
        int headFields) {
    /** What holds when nothing is written. */
    public static final ListenerLimits DEFAULTS = RecordDefaults.of(ListenerLimits.class);

    public ListenerLimits {
        new ValueChecks()
                .between("connections", connections, 1, 10_000_000)
                .between("newPerSecond", newPerSecond.orElse(1), 1, 10_000_000)
                .between("headBytes", headBytes, new ByteSize(1 << 10), new ByteSize(1 << 20))
                .between("headFields", headFields, 8, 10_000)
                .end();
    }
}
