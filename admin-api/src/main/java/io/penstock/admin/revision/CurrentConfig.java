package io.penstock.admin.revision;

import io.penstock.admin.store.ResourceKey;
import io.penstock.config.ProxyConfig;
import java.util.OptionalLong;

/**
 * The newest revision as records. Immutable; any thread.
 *
 * @param revision its number; 0 only before the first
 */
public record CurrentConfig(long revision, ProxyConfig config, LastChanged lastChanged) {

    /** The revision that last changed a part: its {@code ETag}. Empty if there is no such part. */
    public OptionalLong lastChanged(ResourceKey key) {
        return lastChanged.of(key);
    }
}
