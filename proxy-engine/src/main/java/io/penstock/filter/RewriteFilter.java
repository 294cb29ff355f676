package io.penstock.filter;

import io.penstock.config.FilterConfig;
import io.penstock.config.PathEdit;
import io.penstock.config.RewriteFilterConfig;
import io.penstock.metrics.Reason;
import io.penstock.spi.Filter;
import io.penstock.spi.FilterCall;
import io.penstock.spi.FilterPhase;
import io.penstock.spi.FilterProvider;
import io.penstock.spi.PreparedFilter;
import io.penstock.spi.RequestView;
import io.penstock.spi.Verdict;
import io.penstock.spi.WorkerId;
import java.util.Optional;

/** Changes the path and the host that the upstream is asked for. Without state: one instance serves all workers. */
public final class RewriteFilter implements Filter, PreparedFilter {
    private final Optional<PathRewrite> path;
    private final Optional<String> host;

    private RewriteFilter(RewriteFilterConfig config) {
        this.path = config.path().map((PathEdit edit) -> PathRewrite.of(edit));
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
    public static void preview(FilterConfig config, RequestView request) {
        if (config instanceof RewriteFilterConfig rewrite) {
            rewrite.path().ifPresent(edit -> request.path(PathRewrite.of(edit).apply(request)));
        }
    }

    @Override
    public Verdict onRequest(RequestView request, FilterCall call) {
        if (path.isPresent()) {
            String changed = path.get().apply(request);
            if (!request.path(changed)) {
                return new Verdict.Failed(
                        Reason.BAD_PATH, "the rewrite made \"" + changed + "\", which is no acceptable path");
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
        return this;
    }
}
