package io.penstock.snapshot;

import io.penstock.spi.FilterRefusedException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Filters that were opened before their draft is compiled. Filled on the preparation thread; then the compiler takes what
 * it needs, and {@link #closeUnused} closes what is left. Guarded by itself: an opening that came too late may still end.
 */
public final class OpenedFilters {
    private final Map<FilterKey, FilterSlot> slots = new HashMap<>();
    private final Map<FilterKey, FilterRefusedException> refusals = new HashMap<>();
    private boolean isOver;

    /** None at all. */
    public static OpenedFilters none() {
        return new OpenedFilters();
    }

    /** Opens one instance per worker, or keeps why it cannot be. Takes long. */
    public void open(FilterOrder order, int workers) {
        try {
            keep(order, FilterSlot.open(order.prepared(), order.origin(), workers, FilterSlot.NO_SERIES));
        } catch (FilterRefusedException refused) {
            refuse(order, refused);
        }
    }

    private synchronized void keep(FilterOrder order, FilterSlot slot) {
        if (isOver || refusals.containsKey(order.key())) {
            slot.closeUnused();
        } else {
            slots.put(order.key(), slot);
        }
    }

    /** Keeps why a filter is not open. */
    public synchronized void refuse(FilterOrder order, FilterRefusedException refused) {
        refusals.putIfAbsent(order.key(), refused);
        FilterSlot slot = slots.remove(order.key());
        if (slot != null) {
            slot.closeUnused();
        }
    }

    /** The slot of a filter, once; empty if nobody ordered it. @throws FilterRefusedException if it could not be opened */
    synchronized Optional<FilterSlot> take(FilterKey key) throws FilterRefusedException {
        FilterRefusedException refused = refusals.get(key);
        if (refused != null) {
            throw refused;
        }
        return Optional.ofNullable(slots.remove(key));
    }

    /** Closes what no draft has taken. */
    public synchronized void closeUnused() {
        isOver = true;
        slots.values().forEach(FilterSlot::closeUnused);
        slots.clear();
    }
}
