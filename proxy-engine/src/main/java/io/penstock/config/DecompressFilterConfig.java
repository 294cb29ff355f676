package io.penstock.config;

/** Undoes the coding of request bodies, for services that cannot. */
@TypeTag("decompress")
public record DecompressFilterConfig(
        @Doc("The longest body it may come to.") @Default("10MiB")
        ByteSize bodyMax,

        @Doc("Whether the entry takes part.") @Default("true")
        boolean enabled)
        implements FilterConfig {
    /** What holds when nothing is written. */
    public static final DecompressFilterConfig DEFAULTS = RecordDefaults.of(DecompressFilterConfig.class);
}
