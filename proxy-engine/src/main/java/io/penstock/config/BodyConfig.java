package io.penstock.config;

import java.util.Optional;

/** What request bodies may be. */
public record BodyConfig(
        @Doc("Bytes of a request body; 16GiB if no level says less or more.")
        Optional<ByteSize> max) {
    /** What holds where no level says anything. */
    public static final ByteSize MAX_DEFAULT = new ByteSize(16L << 30);

    /** What holds when nothing is written. */
    public static final BodyConfig DEFAULTS = RecordDefaults.of(BodyConfig.class);
}
