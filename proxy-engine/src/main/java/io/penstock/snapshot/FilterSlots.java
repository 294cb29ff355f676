package io.penstock.snapshot;

import io.penstock.config.FilterConfig;
import io.penstock.spi.FilterProvider;
import io.penstock.spi.FilterRefusedException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The filters that are open, each shared by all routes that inherit the same entry: a service's filter is opened once per
 * worker, not once per route. Control thread only.
 */
final class FilterSlots {
    private final Map<Class<? extends FilterConfig>, FilterProvider> providers = new HashMap<>();
    private final Map<Key, Use> uses = new HashMap<>();
    private final Map<FilterSlot, Key> keys = new HashMap<>();
    private final int workers;

    private record Key(String origin, FilterConfig config) {}

    private static final class Use {
        private final FilterSlot slot;
        private int count;

        Use(FilterSlot slot) {
            this.slot = slot;
        }
    }

    FilterSlots(List<FilterProvider> filterProviders, int workers) {
        for (FilterProvider provider : filterProviders) {
            providers.put(provider.configType(), provider);
        }
        this.workers = workers;
    }

    /** Takes a share in a filter, opening it if nobody has one. */
    FilterSlot acquire(FilterConfig config, String origin) throws FilterRefusedException {
        Key key = new Key(origin, config);
        Use use = uses.get(key);
        if (use == null) {
            FilterProvider provider = providers.get(config.getClass());
            if (provider == null) {
                throw new FilterRefusedException("/type", "this gateway has no filter of this type");
            }
            use = new Use(FilterSlot.open(provider.prepare(config), origin, workers));
            uses.put(key, use);
            keys.put(use.slot, key);
        }
        use.count++;
        return use.slot;
    }

    /**
     * Gives a share back.
     *
     * @return the slots that nobody has a share in any more: still open, and the caller's to close on their workers
     */
    List<FilterSlot> release(Iterable<FilterSlot> slots) {
        List<FilterSlot> retired = new ArrayList<>();
        for (FilterSlot slot : slots) {
            Key key = keys.get(slot);
            Use use = key == null ? null : uses.get(key);
            if (use != null && --use.count == 0) {
                uses.remove(key);
                keys.remove(slot);
                retired.add(slot);
            }
        }
        return retired;
    }
}
