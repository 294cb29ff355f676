package io.penstock.filter;

import io.penstock.config.DecompressFilterConfig;
import io.penstock.config.FilterConfig;
import io.penstock.spi.BodyCodings;
import io.penstock.spi.Filter;
import io.penstock.spi.FilterCall;
import io.penstock.spi.FilterPhase;
import io.penstock.spi.FilterProvider;
import io.penstock.spi.PreparedFilter;
import io.penstock.spi.RequestView;
import io.penstock.spi.Verdict;
import io.penstock.spi.WorkerId;

/** Has the coding of request bodies undone. A body of a coding that is not known, or of several, goes on as it is. */
public final class DecompressFilter implements PreparedFilter, Filter {
    private final long bodyMax;

    private DecompressFilter(DecompressFilterConfig config) {
        this.bodyMax = config.bodyMax().bytes();
    }

    /** The provider of {@code type: decompress}. */
    public static FilterProvider provider() {
        return new FilterProvider() {
            @Override
            public Class<? extends FilterConfig> configType() {
                return DecompressFilterConfig.class;
            }

            @Override
            public PreparedFilter prepare(FilterConfig config) {
                // Loads the libraries, off the workers.
                BodyCodings.isReadable("gzip");
                return new DecompressFilter((DecompressFilterConfig) config);
            }
        };
    }

    @Override
    public Verdict onRequest(RequestView request, FilterCall call) {
        if (request.fields().find("content-encoding") >= 0) {
            call.decodeBody(bodyMax);
        }
        return Verdict.CONTINUE;
    }

    @Override
    public String name() {
        return "decompress";
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
