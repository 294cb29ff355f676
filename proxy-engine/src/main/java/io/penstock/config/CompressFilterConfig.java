package io.penstock.config;

import java.util.List;

/** Compresses the bodies of endpoints' responses for clients that accept it. */
@TypeTag("compress")
public record CompressFilterConfig(
        @Doc("Codings, the one preferred where a client likes several equally first.") @Default("zstd, br, gzip")
        List<CompressCoding> codings,

        @Doc(
                "Types of bodies, as `type/subtype`, `type/*` or `*/*+suffix`; event streams and gRPC are left alone whatever this says.")
        @Default(
                "text/*, application/json, application/javascript, application/xml, application/wasm, image/svg+xml, */*+json, */*+xml")
        List<String> types,

        @Doc("Bodies announced as shorter are left alone.") @Default("1KiB")
        ByteSize minSize,

        @Doc("How much processor time it may cost.") @Default("balanced")
        CompressEffort effort,

        @Doc("Whether the entry takes part.") @Default("true")
        boolean enabled)
        implements FilterConfig {
    /** What holds when nothing is written. */
    public static final CompressFilterConfig DEFAULTS = RecordDefaults.of(CompressFilterConfig.class);

    public CompressFilterConfig {
        codings = List.copyOf(codings);
        types = List.copyOf(types);
    }
}
