package io.penstock.snapshot;

import io.penstock.metrics.SeriesNames;
import io.penstock.spi.PreparedFilter;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The dense ids under which hooks of the gateway's own filters are counted: by what a filter is called and by the hook, however
 * many entries there are, and for good. Control thread only.
 */
final class FilterSeries {
    /** In the order of their bits in {@link FilterSlot#hooks()}. */
    private static final List<String> HOOKS = List.of(
            "onRequest", "onUpstreamRequest", "onRequestBody", "onResponse", "onResponseBody", "onResponseTrailers");

    private final SeriesNames names;
    private final Map<String, Integer> first = new HashMap<>();

    FilterSeries(SeriesNames names) {
        this.names = names;
    }

    /** The id of a filter's first hook, which those of its others follow; negative for one that tells itself what it costs. */
    int idOf(PreparedFilter filter) {
        return filter.tellsCost() ? FilterSlot.NO_SERIES : first.computeIfAbsent(filter.name(), this::assign);
    }

    private int assign(String filter) {
        int id = first.size() * HOOKS.size();
        for (int i = 0; i < HOOKS.size(); i++) {
            names.assign(id + i, filter, HOOKS.get(i));
        }
        return id;
    }
}
