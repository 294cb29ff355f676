package io.penstock.filter;

import io.penstock.config.FilterConfig;
import io.penstock.config.HeadersFilterConfig;
import io.penstock.http.ByteBuilder;
import io.penstock.http.Fields;
import io.penstock.metrics.Reason;
import io.penstock.spi.Filter;
import io.penstock.spi.FilterCall;
import io.penstock.spi.FilterPhase;
import io.penstock.spi.FilterProvider;
import io.penstock.spi.PreparedFilter;
import io.penstock.spi.RequestView;
import io.penstock.spi.ResponseView;
import io.penstock.spi.Verdict;
import io.penstock.spi.WorkerId;

/**
 * Renames, removes, sets and adds header fields, in this order, both ways. Names and fixed values were checked by the validator;
 * all that a request costs is copying them, and filling templates where there are any.
 */
public final class HeadersFilter implements PreparedFilter {
    private static final Verdict DOES_NOT_FIT =
            new Verdict.Failed(Reason.TEMPLATE_REFUSED, "a value of the request is too long for a header field");

    private final FieldEdits request;
    private final FieldEdits response;

    private HeadersFilter(HeadersFilterConfig config) {
        this.request = new FieldEdits(config.request());
        this.response = new FieldEdits(config.response());
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
        return new Editor();
    }

    /** One worker's, for the room that templates are filled in. */
    private final class Editor implements Filter {
        private final Template.Filler filler = new Template.Filler();
        private final ByteBuilder scratch = new ByteBuilder(256);

        @Override
        public Verdict onRequest(RequestView view, FilterCall call) {
            return edit(request, view.fields(), call);
        }

        @Override
        public Verdict onResponse(ResponseView view, FilterCall call) {
            return edit(response, view.fields(), call);
        }

        private Verdict edit(FieldEdits edits, Fields fields, FilterCall call) {
            return edits.apply(fields, call, filler, scratch) ? Verdict.CONTINUE : DOES_NOT_FIT;
        }
    }
}
