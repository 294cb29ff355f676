package io.penstock.filter;

import io.penstock.coding.ContentCoding;
import io.penstock.config.CompressFilterConfig;
import io.penstock.config.FilterConfig;
import io.penstock.http.Fields;
import io.penstock.spi.Filter;
import io.penstock.spi.FilterCall;
import io.penstock.spi.FilterPhase;
import io.penstock.spi.FilterProvider;
import io.penstock.spi.PreparedFilter;
import io.penstock.spi.ResponseView;
import io.penstock.spi.Verdict;
import io.penstock.spi.WorkerId;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Has the bodies of responses compressed for clients that accept it, endpoints' and the gateway's own. Only the choice is made
 * here; coding is the exchange's, behind all hooks, so that whatever other filters see of the body is plain.
 *
 * <p>Left alone: what is coded already, parts of a body (206), what {@code no-transform} forbids (RFC 9110 section 7.7), event
 * streams and gRPC.
 */
public final class CompressFilter implements PreparedFilter, Filter {
    private static final String VARY = "Accept-Encoding";
    private static final int PARTIAL = 206;
    private static final int NOT_MODIFIED = 304;

    private final ContentCoding[] codings;
    private final BodyTypes types;
    private final long minSize;
    private final int effort;

    private CompressFilter(CompressFilterConfig config) {
        // A coding whose library does not load is not offered.
        this.codings = config.codings().stream()
                .map(each -> ContentCoding.of(each.text()))
                .filter(Objects::nonNull)
                .toArray(ContentCoding[]::new);
        this.types = new BodyTypes(config.types());
        this.minSize = config.minSize().bytes();
        this.effort = switch (config.effort()) {
            case FAST -> ContentCoding.FAST;
            case BALANCED -> ContentCoding.BALANCED;
            case SMALL -> ContentCoding.SMALL;
        };
    }

    /** The provider of {@code type: compress}. */
    public static FilterProvider provider() {
        return new FilterProvider() {
            @Override
            public Class<? extends FilterConfig> configType() {
                return CompressFilterConfig.class;
            }

            @Override
            public PreparedFilter prepare(FilterConfig config) {
                return new CompressFilter((CompressFilterConfig) config);
            }
        };
    }

    @Override
    public Verdict onResponse(ResponseView response, FilterCall call) {
        Fields fields = response.fields();
        if (response.status() == NOT_MODIFIED) {
            // What it confirms is what was sent, which had a weak validator if it was compressed.
            if (AcceptEncoding.choose(call.request().fields(), codings) != null) {
                weaken(fields);
            }
        } else if (response.isFromUpstream()) {
            ContentCoding coding = choose(call.request().fields(), response.status(), fields, announced(fields));
            if (coding != null) {
                call.encodeBody(coding, effort);
            }
        }
        return Verdict.CONTINUE;
    }

    /**
     * The coding for a response's body, or null where it stays as it is; tells in the response's head where the client's word
     * could have mattered.
     *
     * @param length of the body, negative if it is not known
     */
    public @Nullable ContentCoding choose(Fields request, int status, Fields response, long length) {
        if (!isSubject(response)) {
            return null;
        }
        vary(response);
        ContentCoding coding = AcceptEncoding.choose(request, codings);
        boolean isLong = length < 0 || length >= minSize;
        return isLong && status != PARTIAL ? coding : null;
    }

    /** How much time coding may take. */
    public int effort() {
        return effort;
    }

    private boolean isSubject(Fields fields) {
        int type = fields.find("content-type");
        if (type < 0 || fields.find("content-encoding") >= 0 || isKept(fields)) {
            return false;
        }
        String value = fields.value(type);
        String lower = value.toLowerCase(Locale.ROOT);
        return !lower.startsWith("text/event-stream") && !lower.startsWith("application/grpc") && types.have(value);
    }

    private static boolean isKept(Fields fields) {
        for (int at = fields.find("cache-control"); at >= 0; at = fields.find("cache-control", at + 1)) {
            if (fields.value(at).toLowerCase(Locale.ROOT).contains("no-transform")) {
                return true;
            }
        }
        return false;
    }

    private static long announced(Fields fields) {
        int length = fields.find("content-length");
        try {
            return length < 0 ? -1 : Long.parseLong(fields.value(length));
        } catch (NumberFormatException never) {
            return 0;
        }
    }

    private static void vary(Fields fields) {
        for (int at = fields.find("vary"); at >= 0; at = fields.find("vary", at + 1)) {
            for (String name : List.of(fields.value(at).split(",", -1))) {
                if (name.strip().equals("*") || name.strip().equalsIgnoreCase(VARY)) {
                    return;
                }
            }
        }
        fields.add("Vary", VARY);
    }

    private static void weaken(Fields fields) {
        int at = fields.find("etag");
        if (at >= 0 && !fields.value(at).startsWith("W/")) {
            fields.set("ETag", "W/" + fields.value(at));
        }
    }

    @Override
    public String name() {
        return "compress";
    }

    @Override
    public FilterPhase phase() {
        return FilterPhase.TRANSFORM;
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
