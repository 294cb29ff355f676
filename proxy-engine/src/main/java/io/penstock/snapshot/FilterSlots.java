package io.penstock.snapshot;

import io.penstock.config.AuthConfig;
import io.penstock.config.FilterConfig;
import io.penstock.spi.AuthenticatorProvider;
import io.penstock.spi.FilterProvider;
import io.penstock.spi.FilterRefusedException;
import io.penstock.spi.PreparedFilter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The filters that are open, each shared by all routes that inherit the same entry: a service's filter is opened once per
 * worker, not once per route. Control thread only.
 */
final class FilterSlots {
    private static final Logger LOG = LoggerFactory.getLogger(FilterSlots.class);

    private final Map<Class<?>, FilterProvider> providers = new HashMap<>();
    private final Map<Class<?>, AuthenticatorProvider> authenticators = new HashMap<>();
    private final Map<FilterKey, Use> uses = new HashMap<>();
    private final Map<FilterSlot, FilterKey> keys = new HashMap<>();
    private final int workers;
    private final FilterSeries series;

    private static final class Use {
        private final FilterSlot slot;
        private int count;

        Use(FilterSlot slot) {
            this.slot = slot;
        }
    }

    FilterSlots(FilterSources sources, int workers, FilterSeries series) {
        for (FilterProvider provider : sources.filters()) {
            // The engine names those it was started with first: they come before the built-in ones.
            providers.putIfAbsent(provider.configType(), provider);
        }
        for (AuthenticatorProvider provider : sources.authenticators()) {
            authenticators.put(provider.configType(), provider);
        }
        this.workers = workers;
        this.series = series;
    }

    /** Whether any filter here takes long to open. */
    boolean hasSlow() {
        return providers.values().stream().anyMatch(FilterProvider::isSlowToOpen);
    }

    /** A change begins: what is prepared from now on is adopted together. */
    void begin() {
        providers.values().forEach(FilterProvider::begin);
    }

    /** What has to be opened before {@link #acquire}: nothing for a filter that opens quickly, is open, or is refused. */
    Optional<FilterOrder> order(FilterKey key) {
        FilterProvider provider = providers.get(key.config().getClass());
        if (provider == null || !provider.isSlowToOpen() || uses.containsKey(key)) {
            return Optional.empty();
        }
        try {
            return Optional.of(new FilterOrder(
                    (FilterConfig) key.config(), key.origin(), key.authenticates(), prepare(provider, key)));
        } catch (FilterRefusedException refused) {
            // Told by acquire, with the route it stands in.
            return Optional.empty();
        }
    }

    /** Takes a share in a filter, opening it if nobody has one; one that takes long is taken from those opened before. */
    FilterSlot acquire(FilterKey key, OpenedFilters opened) throws FilterRefusedException {
        Use use = uses.get(key);
        if (use == null) {
            use = new Use(open(key, opened));
            uses.put(key, use);
            keys.put(use.slot, key);
        }
        use.count++;
        return use.slot;
    }

    /** A filter that the gateway itself puts into one chain: without state, and nobody's to share or close. */
    FilterSlot own(PreparedFilter filter, String origin) {
        try {
            return open(filter, origin);
        } catch (FilterRefusedException never) {
            throw new IllegalStateException("a filter of the gateway's own cannot be refused", never);
        }
    }

    private FilterSlot open(FilterKey key, OpenedFilters opened) throws FilterRefusedException {
        if (key.config() instanceof AuthConfig entry) {
            return open(entry, key.origin());
        }
        FilterProvider provider = providers.get(key.config().getClass());
        if (provider == null) {
            throw new FilterRefusedException("/type", "this gateway has no filter of this type");
        }
        if (!provider.isSlowToOpen()) {
            return open(prepare(provider, key), key.origin());
        }
        Optional<FilterSlot> slot = opened.take(key);
        if (slot.isEmpty()) {
            prepare(provider, key);
            throw new FilterRefusedException("", "it was not opened for this change; try the change again");
        }
        return slot.get();
    }

    private FilterSlot open(AuthConfig entry, String origin) throws FilterRefusedException {
        AuthenticatorProvider provider = authenticators.get(entry.getClass());
        if (provider == null) {
            throw new FilterRefusedException("/type", "this gateway has no authenticator of this type");
        }
        return open(provider.prepare(entry), origin);
    }

    private FilterSlot open(PreparedFilter filter, String origin) throws FilterRefusedException {
        return FilterSlot.open(filter, origin, workers, series.idOf(filter));
    }

    // A provider's defect is a reason against the config that met it, and against no other.
    private static PreparedFilter prepare(FilterProvider provider, FilterKey key) throws FilterRefusedException {
        FilterConfig config = (FilterConfig) key.config();
        try {
            return key.authenticates() ? provider.prepareAuthenticator(config) : provider.prepare(config);
        } catch (RuntimeException defect) {
            LOG.error("a filter could not be prepared", defect);
            throw new FilterRefusedException("", "it failed when it was prepared; the gateway's log says where");
        }
    }

    /**
     * Gives a share back.
     *
     * @return the slots that nobody has a share in any more: still open, and the caller's to close on their workers
     */
    List<FilterSlot> release(Iterable<FilterSlot> slots) {
        List<FilterSlot> retired = new ArrayList<>();
        for (FilterSlot slot : slots) {
            FilterKey key = keys.get(slot);
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
