package io.penstock.filter;

import io.penstock.config.FilterConfig;
import io.penstock.config.PathEdit;
import io.penstock.config.QueryEdits;
import io.penstock.config.RewriteFilterConfig;
import io.penstock.http.ByteBuilder;
import io.penstock.metrics.Reason;
import io.penstock.spi.Filter;
import io.penstock.spi.FilterCall;
import io.penstock.spi.FilterPhase;
import io.penstock.spi.FilterProvider;
import io.penstock.spi.PreparedFilter;
import io.penstock.spi.RequestValues;
import io.penstock.spi.RequestView;
import io.penstock.spi.Verdict;
import io.penstock.spi.WorkerId;
import java.util.Optional;

/** Changes the path, the query and the host that the upstream is asked for. */
public final class RewriteFilter implements PreparedFilter {
    private static final int QUERY_BYTES_MAX = 64 * 1024;
    private static final Verdict DOES_NOT_FIT = new Verdict.Failed(
            Reason.TEMPLATE_REFUSED, "a value of the request is no single path segment, or too long for a query");

    private final Optional<PathRewrite> path;
    private final Optional<PathTemplate> template;
    private final Optional<QueryRewrite> query;
    private final Optional<String> host;

    private RewriteFilter(RewriteFilterConfig config) {
        Optional<String> set = config.path().flatMap(PathEdit::set);
        this.template = set.map((String text) -> PathTemplate.of(text));
        this.path = config.path().filter(edit -> set.isEmpty()).map((PathEdit edit) -> PathRewrite.of(edit));
        this.query = Optional.of(config.query())
                .filter(edits -> !edits.isEmpty())
                .map((QueryEdits edits) -> new QueryRewrite(edits));
        this.host = config.host();
    }

    /** The provider of {@code type: rewrite}. */
    public static FilterProvider provider() {
        return new FilterProvider() {
            @Override
            public Class<? extends FilterConfig> configType() {
                return RewriteFilterConfig.class;
            }

            @Override
            public PreparedFilter prepare(FilterConfig config) {
                return new RewriteFilter((RewriteFilterConfig) config);
            }
        };
    }

    /** Applies a filter's config to a sample request, if it is a rewrite. */
    public static void preview(FilterConfig config, RequestValues request) {
        if (config instanceof RewriteFilterConfig rewrite) {
            new RewriteFilter(rewrite)
                    .rewrite(request, new Template.Filler(), new ByteBuilder(256), new ByteBuilder(256));
        }
    }

    private Verdict rewrite(RequestValues from, Template.Filler filler, ByteBuilder scratch, ByteBuilder text) {
        RequestView request = from.request();
        if (path.isPresent() || template.isPresent()) {
            text.clear();
            if (template.isPresent() && !template.get().fill(from, filler, text)) {
                return DOES_NOT_FIT;
            }
            String changed = path.isPresent() ? path.get().apply(request) : text.toString();
            if (!request.path(changed)) {
                return new Verdict.Failed(
                        Reason.BAD_PATH, "the rewrite made \"" + changed + "\", which is no acceptable path");
            }
        }
        if (query.isPresent()) {
            text.clear();
            boolean fits = query.get().fill(from, filler, scratch, text);
            if (!fits || text.length() > QUERY_BYTES_MAX || !request.query(text.toString())) {
                return DOES_NOT_FIT;
            }
        }
        if (host.isPresent() && !request.hostHeader(host.get())) {
            return new Verdict.Failed(Reason.FILTER_FAILED, "the host \"" + host.get() + "\" is not acceptable");
        }
        return Verdict.CONTINUE;
    }

    @Override
    public String name() {
        return "rewrite";
    }

    @Override
    public FilterPhase phase() {
        return FilterPhase.TRANSFORM;
    }

    @Override
    public boolean hasRequestHook() {
        return true;
    }

    @Override
    public boolean hasResponseHook() {
        return false;
    }

    @Override
    public Filter open(WorkerId worker) {
        return new Rewriter();
    }

    /** One worker's, for the room that templates are filled in. */
    private final class Rewriter implements Filter {
        private final Template.Filler filler = new Template.Filler();
        private final ByteBuilder scratch = new ByteBuilder(256);
        private final ByteBuilder text = new ByteBuilder(256);

        @Override
        public Verdict onRequest(RequestView request, FilterCall call) {
            return rewrite(call, filler, scratch, text);
        }
    }
}
