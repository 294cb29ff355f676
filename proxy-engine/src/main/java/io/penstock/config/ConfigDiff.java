package io.penstock.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What changed from one configuration to another; made at the cost of what changed.
 *
 * @param defaultsBefore the instance's defaults of the first
 * @param defaultsAfter the instance's defaults of the second
 * @param changes the resources that differ, by type in the order of the document, then by name
 */
public record ConfigDiff(Defaults defaultsBefore, Defaults defaultsAfter, List<ResourceChange> changes) {
    public ConfigDiff {
        changes = List.copyOf(changes);
    }

    /** Compares two configurations. */
    public static ConfigDiff of(ProxyConfig before, ProxyConfig after) {
        List<ResourceChange> changes = new ArrayList<>();
        for (ResourceType type : ResourceType.values()) {
            NamedMap.diff(
                    before.resources(type),
                    after.resources(type),
                    (name, old, present) -> changes.add(new ResourceChange(
                            ResourceRef.of(type, name), Optional.ofNullable(old), Optional.ofNullable(present))));
        }
        return new ConfigDiff(before.defaults(), after.defaults(), changes);
    }

    /** Whether the instance's defaults differ. */
    public boolean defaultsChanged() {
        return !defaultsBefore.equals(defaultsAfter);
    }

    /** Whether nothing differs. */
    public boolean isEmpty() {
        return changes.isEmpty() && !defaultsChanged();
    }

    /** Whether a resource of the type differs. */
    public boolean touches(ResourceType type) {
        return changes.stream().anyMatch(change -> change.ref().type().equals(Optional.of(type)));
    }
}
