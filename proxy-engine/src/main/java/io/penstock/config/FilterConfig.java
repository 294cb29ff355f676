package io.penstock.config;

/** One step of a route's chain; the member {@code type} chooses which. */
public sealed interface FilterConfig
        permits RewriteFilterConfig,
                HeadersFilterConfig,
                CompressFilterConfig,
                DecompressFilterConfig,
                FaultFilterConfig,
                JsonBodyFilterConfig,
                MirrorFilterConfig,
                PluginFilterConfig,
                LevelFilterConfig {
    /** The text of the member {@code type}. */
    default String type() {
        return getClass().getAnnotation(TypeTag.class).value();
    }

    /** Whether the entry takes part. */
    default boolean enabled() {
        return true;
    }
}
