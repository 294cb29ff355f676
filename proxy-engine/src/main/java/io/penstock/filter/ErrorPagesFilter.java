package io.penstock.filter;

import io.penstock.config.FilterConfig;
import io.penstock.config.UpstreamErrorPages;
import io.penstock.http.Fields;
import io.penstock.http.StatusReasons;
import io.penstock.spi.BodyReader;
import io.penstock.spi.Filter;
import io.penstock.spi.FilterCall;
import io.penstock.spi.FilterPhase;
import io.penstock.spi.FilterProvider;
import io.penstock.spi.PreparedFilter;
import io.penstock.spi.ResponseView;
import io.penstock.spi.Verdict;
import io.penstock.spi.WorkerId;

/**
 * Puts error pages in the place of upstreams' errors; the status and all fields that do not describe the body stay. Without
 * state: one instance serves all workers.
 */
public final class ErrorPagesFilter implements Filter, PreparedFilter {
    /** An error's body of so many bytes is waited for, so that its connection serves the next request. */
    private static final int READ_MAX = 64 * 1024;

    private static final int FIRST_ERROR = 400;

    private final ErrorPages pages;

    private ErrorPagesFilter(UpstreamErrorPages config) {
        this.pages = ErrorPages.of(config.pages());
    }

    /** The provider of {@code errorPages} with {@code upstream: true}. */
    public static FilterProvider provider() {
        return new FilterProvider() {
            @Override
            public Class<? extends FilterConfig> configType() {
                return UpstreamErrorPages.class;
            }

            @Override
            public PreparedFilter prepare(FilterConfig config) {
                return new ErrorPagesFilter((UpstreamErrorPages) config);
            }
        };
    }

    @Override
    public Verdict onResponse(ResponseView response, FilterCall call) {
        if (response.status() < FIRST_ERROR || !response.isFromUpstream()) {
            return Verdict.CONTINUE;
        }
        String title = StatusReasons.of(response.status());
        ErrorPages.Said said = new ErrorPages.Said(response.status(), title, "upstream", call.requestId(), title);
        ErrorPages.Shown shown = pages.ofUpstream(said, call.request().fields());
        if (shown == null) {
            return Verdict.CONTINUE;
        }
        if (!isShort(response.fields())) {
            show(shown, response, call);
            return Verdict.CONTINUE;
        }
        long ticket = call.suspend();
        call.readBody(READ_MAX, new BodyReader() {
            @Override
            public void complete(byte[] body) {
                show(shown, response, call);
                call.worker().resume(ticket, Verdict.CONTINUE);
            }

            @Override
            public void tooLarge() {
                call.worker().resume(ticket, Verdict.CONTINUE);
            }
        });
        return Verdict.SUSPENDED;
    }

    private static boolean isShort(Fields fields) {
        int at = fields.find("content-length");
        return at >= 0 && fields.valueLength(at) <= 5 && Integer.parseInt(fields.value(at)) <= READ_MAX;
    }

    private static void show(ErrorPages.Shown shown, ResponseView response, FilterCall call) {
        call.body(shown.body());
        response.fields().set("Content-Type", shown.contentType());
        response.fields().remove("content-language");
        response.fields().remove("content-disposition");
    }

    @Override
    public String name() {
        return "errorPages";
    }

    @Override
    public FilterPhase phase() {
        return FilterPhase.ACCESS;
    }

    @Override
    public boolean hasRequestHook() {
        return false;
    }

    @Override
    public boolean hasResponseHook() {
        return true;
    }

    @Override
    public Filter open(WorkerId worker) {
        return this;
    }
}
