package io.penstock.admin.store;

import java.util.Optional;

/**
 * One resource before and after: absent before means created, absent after means removed.
 *
 * @param before canonical JSON
 * @param after canonical JSON
 */
public record ResourceChange(ResourceKey key, Optional<String> before, Optional<String> after) {

    public boolean isCreation() {
        return before.isEmpty() && after.isPresent();
    }

    public boolean isRemoval() {
        return before.isPresent() && after.isEmpty();
    }
}
