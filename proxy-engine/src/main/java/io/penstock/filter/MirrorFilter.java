package io.penstock.filter;

import io.penstock.config.FilterConfig;
import io.penstock.config.MirrorFilterConfig;
import io.penstock.http.Fields;
import io.penstock.http.KnownField;
import io.penstock.spi.BodyChunk;
import io.penstock.spi.ExchangeSummary;
import io.penstock.spi.Filter;
import io.penstock.spi.FilterCall;
import io.penstock.spi.FilterPhase;
import io.penstock.spi.FilterProvider;
import io.penstock.spi.PreparedFilter;
import io.penstock.spi.RequestCopy;
import io.penstock.spi.RequestView;
import io.penstock.spi.Verdict;
import io.penstock.spi.WorkerId;

/**
 * Sends copies of requests to another service. The copy is the request as it stands where the filter stands in the chain; its
 * body is gathered while it passes, so that the request itself waits for nothing.
 *
 * <p>A request that is a copy already is not copied again: a service that leads back here would never come to rest.
 */
public final class MirrorFilter implements PreparedFilter {
    /** The field that marks a copy; its value is the route's name. */
    public static final String MARK = "X-Penstock-Mirror";

    private static final String LOWER_MARK = "x-penstock-mirror";
    private static final int WHOLE = 10_000;

    private final MirrorFilterConfig config;

    private MirrorFilter(MirrorFilterConfig config) {
        this.config = config;
    }

    /** The provider of {@code type: mirror}. */
    public static FilterProvider provider() {
        return new FilterProvider() {
            @Override
            public Class<? extends FilterConfig> configType() {
                return MirrorFilterConfig.class;
            }

            @Override
            public PreparedFilter prepare(FilterConfig config) {
                return new MirrorFilter((MirrorFilterConfig) config);
            }
        };
    }

    @Override
    public String name() {
        return "mirror";
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
    public boolean hasRequestBodyHook() {
        return true;
    }

    @Override
    public boolean keepsBodyLength() {
        return true;
    }

    @Override
    public boolean hasLogHook() {
        return true;
    }

    @Override
    public boolean isSkippedOnFailure() {
        return true;
    }

    @Override
    public Filter open(WorkerId worker) {
        return new Copier();
    }

    /** One worker's share of the copies. */
    private final class Copier implements Filter {
        // What the share owes: a copy is due when it comes to a whole one.
        private int owed;

        @Override
        public Verdict onRequest(RequestView request, FilterCall call) {
            Fields fields = request.fields();
            boolean hasBody = hasBody(fields);
            RequestCopy copy = fields.find(LOWER_MARK) < 0 && isDue()
                    ? call.copyRequest(
                            config.service(), bodyBytesMax(), config.timeout().toNanos())
                    : null;
            if (copy == null) {
                call.skipBody();
                return Verdict.CONTINUE;
            }
            copy.fields().set(MARK, call.route());
            if (hasBody) {
                call.attach(copy);
            } else {
                call.skipBody();
                copy.send();
            }
            return Verdict.CONTINUE;
        }

        private boolean isDue() {
            owed += config.share().basisPoints();
            if (owed < WHOLE) {
                return false;
            }
            owed -= WHOLE;
            return true;
        }

        private int bodyBytesMax() {
            return (int) config.bodyMax().bytes();
        }

        private boolean hasBody(Fields fields) {
            int length = fields.find(KnownField.CONTENT_LENGTH);
            return fields.find(KnownField.TRANSFER_ENCODING) >= 0 || (length >= 0 && !fields.valueEquals(length, "0"));
        }

        @Override
        public Verdict onRequestBody(BodyChunk chunk, FilterCall call) {
            if (call.attachment() instanceof RequestCopy copy) {
                if (chunk.length() > 0 && !copy.add(chunk.buffer(), chunk.offset(), chunk.length())) {
                    call.attach(null);
                } else if (chunk.isLast()) {
                    call.attach(null);
                    copy.send();
                }
            }
            return Verdict.CONTINUE;
        }

        // A body that never came to its end is in no copy either.
        @Override
        public void onLog(ExchangeSummary summary, FilterCall call) {
            if (call.attachment() instanceof RequestCopy copy) {
                copy.drop();
            }
        }
    }
}
