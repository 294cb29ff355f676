package io.penstock.filter;

import io.penstock.config.CorsConfig;
import io.penstock.config.FilterConfig;
import io.penstock.http.Fields;
import io.penstock.metrics.Reason;
import io.penstock.spi.Answer;
import io.penstock.spi.Filter;
import io.penstock.spi.FilterCall;
import io.penstock.spi.FilterPhase;
import io.penstock.spi.FilterProvider;
import io.penstock.spi.PreparedFilter;
import io.penstock.spi.RequestView;
import io.penstock.spi.Verdict;
import io.penstock.spi.WorkerId;
import java.util.List;

/**
 * Answers preflights of {@code cors}. What all other answers say of origins the exchange writes by {@link #policy}, since
 * refusals have to say it too, also those that no filter has met. Without state: one instance serves all workers.
 */
public final class CorsFilter implements Filter, PreparedFilter {
    private static final int NO_CONTENT = 204;
    private static final Verdict PASSED = new Verdict.Answered(new Answer(NO_CONTENT, List.of(), new byte[0]));

    private final CorsPolicy policy;

    private CorsFilter(CorsConfig config) {
        this.policy = new CorsPolicy(config);
    }

    /** The provider of {@code cors}. */
    public static FilterProvider provider() {
        return new FilterProvider() {
            @Override
            public Class<? extends FilterConfig> configType() {
                return CorsConfig.class;
            }

            @Override
            public PreparedFilter prepare(FilterConfig config) {
                return new CorsFilter((CorsConfig) config);
            }
        };
    }

    /** What it says. */
    public CorsPolicy policy() {
        return policy;
    }

    @Override
    public Verdict onRequest(RequestView request, FilterCall call) {
        int asked = CorsPolicy.preflightFor(request.fields());
        return asked < 0 || !request.method().equals("OPTIONS") ? Verdict.CONTINUE : preflight(request.fields(), asked);
    }

    /** What becomes of a preflight. */
    public Verdict preflight(Fields fields, int asked) {
        if (policy.allowedOrigin(fields) < 0) {
            return denied("origin");
        }
        if (!policy.allowsMethod(fields, asked)) {
            return denied("method");
        }
        return policy.allowsFields(fields) ? PASSED : denied("headers");
    }

    private static Verdict denied(String what) {
        return new Verdict.Failed(Reason.PREFLIGHT_DENIED, "cors does not allow the " + what + " of a preflight", what);
    }

    @Override
    public String name() {
        return "cors";
    }

    @Override
    public FilterPhase phase() {
        return FilterPhase.ACCESS;
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
