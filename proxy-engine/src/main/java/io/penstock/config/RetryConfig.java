package io.penstock.config;

/** What is kept for a safe repetition. */
@Planned({"attempts", "when", "budget"})
public record RetryConfig(
        @Doc("Bytes of a request body kept until the answer begins; beyond that there is no retry.") @Default("64KiB")
        ByteSize bufferBytes) {
    /** What holds when nothing is written. */
    public static final RetryConfig DEFAULTS = RecordDefaults.of(RetryConfig.class);

    public RetryConfig {
        new ValueChecks()
                .between("bufferBytes", bufferBytes, new ByteSize(0), new ByteSize(16 << 20))
                .end();
    }
}
