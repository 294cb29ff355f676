package io.penstock.filter;

import io.penstock.config.FilterConfig;
import io.penstock.config.HeaderEdits;
import io.penstock.config.HeadersFilterConfig;
import io.penstock.http.Fields;
import io.penstock.spi.Filter;
import io.penstock.spi.FilterCall;
import io.penstock.spi.FilterPhase;
import io.penstock.spi.FilterProvider;
import io.penstock.spi.PreparedFilter;
import io.penstock.spi.RequestView;
import io.penstock.spi.ResponseView;
import io.penstock.spi.Verdict;
import io.penstock.spi.WorkerId;
import java.util.Locale;
import java.util.Map;

/**
 * Removes, sets and adds header fields, in this order, both ways. Without state: one instance serves all workers. Names
 * and values were checked by the validator; all that a request costs is copying them.
 */
public final class HeadersFilter implements Filter, PreparedFilter {
    private static final String[] NONE = {};

    private final Edits request;
    private final Edits response;

    private HeadersFilter(HeadersFilterConfig config) {
        this.request = Edits.of(config.request());
        this.response = Edits.of(config.response());
    }

    /** The provider of {@code type: headers}. */
    public static FilterProvider provider() {
        return new FilterProvider() {
            @Override
            public Class<? extends FilterConfig> configType() {
                return HeadersFilterConfig.class;
            }

            @Override
            public PreparedFilter prepare(FilterConfig config) {
                return new HeadersFilter((HeadersFilterConfig) config);
            }
        };
    }

    @Override
    public Verdict onRequest(RequestView view, FilterCall call) {
        request.apply(view.fields());
        return Verdict.CONTINUE;
    }

    @Override
    public Verdict onResponse(ResponseView view, FilterCall call) {
        response.apply(view.fields());
        return Verdict.CONTINUE;
    }

    @Override
    public String name() {
        return "headers";
    }

    @Override
    public FilterPhase phase() {
        return FilterPhase.TRANSFORM;
    }

    @Override
    public boolean hasRequestHook() {
        return !request.isEmpty();
    }

    @Override
    public boolean hasResponseHook() {
        return !response.isEmpty();
    }

    @Override
    public Filter open(WorkerId worker) {
        return this;
    }

    /**
     * The edits of one direction as arrays, so that a request needs no iterator.
     *
     * @param removed lower-case names of fields to take away, also those that are set afterwards
     * @param added names and values in turn
     */
    @SuppressWarnings("ArrayRecordComponent") // Never compared; read on the request path.
    private record Edits(String[] removed, String[] added) {
        static Edits of(HeaderEdits config) {
            int removedCount = config.remove().size() + config.set().size();
            String[] removed = removedCount == 0 ? NONE : new String[removedCount];
            int at = 0;
            for (String name : config.remove()) {
                removed[at++] = name.toLowerCase(Locale.ROOT);
            }
            for (String name : config.set().keySet()) {
                removed[at++] = name.toLowerCase(Locale.ROOT);
            }
            String[] added = new String[2 * (config.set().size() + config.add().size())];
            at = 0;
            for (Map.Entry<String, String> field : config.set().entrySet()) {
                added[at++] = field.getKey();
                added[at++] = field.getValue();
            }
            for (Map.Entry<String, String> field : config.add().entrySet()) {
                added[at++] = field.getKey();
                added[at++] = field.getValue();
            }
            return new Edits(removed, added);
        }

        boolean isEmpty() {
            return removed.length == 0 && added.length == 0;
        }

        void apply(Fields fields) {
            for (String name : removed) {
                fields.remove(name);
            }
            for (int i = 0; i < added.length; i += 2) {
                fields.add(added[i], added[i + 1]);
            }
        }
    }
}
