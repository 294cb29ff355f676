package io.penstock.admin.store;

import java.util.Collections;
import java.util.SortedMap;

/**
 * Everything that one revision holds.
 *
 * @param revision the revision's number; 0 when nothing was ever stored
 * @param resources every resource of that revision, sorted by key, unmodifiable
 */
public record StoredConfig(long revision, SortedMap<ResourceKey, StoredResource> resources) {

    public StoredConfig {
        resources = Collections.unmodifiableSortedMap(resources);
    }

    public boolean isEmpty() {
        return revision == 0;
    }
}
