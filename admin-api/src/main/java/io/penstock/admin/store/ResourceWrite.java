package io.penstock.admin.store;

import java.util.Optional;

/**
 * What one revision leaves of one resource.
 *
 * @param after the resource's canonical JSON on one line; absent when the revision removes it
 */
public record ResourceWrite(ResourceKey key, Optional<String> after) {

    public ResourceWrite {
        if (after.isPresent() && after.get().indexOf('\n') >= 0) {
            throw new IllegalArgumentException(key + ": canonical JSON is one line, found a line break");
        }
    }

    public static ResourceWrite put(ResourceKey key, String json) {
        return new ResourceWrite(key, Optional.of(json));
    }

    public static ResourceWrite remove(ResourceKey key) {
        return new ResourceWrite(key, Optional.empty());
    }
}
