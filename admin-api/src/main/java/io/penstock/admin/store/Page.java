package io.penstock.admin.store;

import java.util.List;
import java.util.Optional;

/**
 * One page of a list.
 *
 * @param nextCursor to be handed back for the next page; absent on the last one. Opaque to callers.
 */
public record Page<T>(List<T> items, Optional<String> nextCursor) {

    public Page {
        items = List.copyOf(items);
    }
}
