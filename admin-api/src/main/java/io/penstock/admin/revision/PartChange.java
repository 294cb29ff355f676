package io.penstock.admin.revision;

import io.penstock.admin.store.ResourceKey;
import java.util.Optional;

/**
 * One part of the configuration before and after an edit, as records.
 *
 * @param before absent if the edit creates it
 * @param after absent if the edit removes it
 */
public record PartChange(ResourceKey key, Optional<Record> before, Optional<Record> after) {}
