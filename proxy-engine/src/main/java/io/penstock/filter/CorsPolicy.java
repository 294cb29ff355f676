package io.penstock.filter;

import io.penstock.config.CorsConfig;
import io.penstock.http.Fields;
import io.penstock.http.KnownField;
import io.penstock.mark.SharedByWorkers;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * What {@code cors} says, compiled: which origins are allowed, which preflights pass, and what the answers say. The Fetch
 * standard (fetch.spec.whatwg.org, section HTTP-CORS protocol). Immutable; an ordinary request allocates nothing here.
 */
@SharedByWorkers
public final class CorsPolicy {
    private static final String REQUEST_METHOD = "access-control-request-method";
    private static final String REQUEST_HEADERS = "access-control-request-headers";
    private static final String REQUEST_PRIVATE_NETWORK = "access-control-request-private-network";
    private static final String ANY = CorsConfig.ANY;

    /** So many fields a preflight may ask for: a browser asks for those that a page sets, and not for thousands. */
    private static final int ASKED_MAX = 100;

    private final boolean isForAnyOrigin;
    private final byte[][] origins;
    private final Wildcard[] wildcards;
    private final boolean allowsAnyMethod;
    private final String[] methods;
    private final boolean allowsAnyField;
    // In lower case.
    private final String[] fields;
    private final boolean hasCredentials;
    private final boolean allowsPrivateNetwork;
    // Texts of answers; empty where the field is left out.
    private final String methodsText;
    private final String fieldsText;
    private final String exposedText;
    private final String maxAgeText;

    /** Every host below a domain. */
    @SuppressWarnings("ArrayRecordComponent") // Never compared; read on the request path.
    private record Wildcard(byte[] scheme, byte[] suffix) {
        static Wildcard of(String origin) {
            int star = origin.indexOf('*');
            return new Wildcard(bytes(origin.substring(0, star)), bytes(origin.substring(star + 1)));
        }

        // What stands for the star are labels of a host and nothing else, whatever a client writes there.
        boolean covers(byte[] text, int offset, int length) {
            int from = offset + scheme.length;
            int to = offset + length - suffix.length;
            if (to <= from || !equal(text, offset, scheme) || !equal(text, to, suffix) || text[from] == '.') {
                return false;
            }
            for (int i = from; i < to; i++) {
                byte c = text[i];
                boolean isHost = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
                if (!isHost || (c == '.' && text[i + 1] == '.')) {
                    return false;
                }
            }
            return true;
        }
    }

    CorsPolicy(CorsConfig config) {
        isForAnyOrigin = config.origins().contains(ANY);
        origins = config.origins().stream()
                .filter(each -> each.indexOf('*') < 0)
                .map(CorsPolicy::bytes)
                .toArray(byte[][]::new);
        wildcards = config.origins().stream()
                .filter(each -> each.indexOf('*') > 0)
                .map(Wildcard::of)
                .toArray(Wildcard[]::new);
        allowsAnyMethod = config.methods().contains(ANY);
        methods = config.methods().toArray(String[]::new);
        allowsAnyField = config.headers().contains(ANY);
        fields = config.headers().stream()
                .map(each -> each.toLowerCase(Locale.ROOT))
                .toArray(String[]::new);
        hasCredentials = config.credentials();
        allowsPrivateNetwork = config.privateNetwork();
        methodsText = String.join(", ", config.methods());
        fieldsText = String.join(", ", config.headers());
        exposedText = String.join(", ", config.exposedHeaders());
        maxAgeText = config.maxAge().map(age -> Long.toString(age.toSeconds())).orElse("");
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    private static boolean equal(byte[] text, int offset, byte[] wanted) {
        for (int i = 0; i < wanted.length; i++) {
            if (text[offset + i] != wanted[i]) {
                return false;
            }
        }
        return true;
    }

    // ---- the request ----

    /** Which field says for what method a request asks beforehand; -1 if it is no preflight as far as its fields tell. */
    public static int preflightFor(Fields request) {
        return request.find(KnownField.ORIGIN) < 0 ? -1 : request.find(REQUEST_METHOD);
    }

    /** The field of the request's origin, if it names one and that may; else -1. */
    public int allowedOrigin(Fields request) {
        int origin = request.find(KnownField.ORIGIN);
        if (origin < 0 || request.find(KnownField.ORIGIN, origin + 1) >= 0) {
            return -1;
        }
        return isForAnyOrigin || isAllowed(request.bytes(), request.valueOffset(origin), request.valueLength(origin))
                ? origin
                : -1;
    }

    private boolean isAllowed(byte[] text, int offset, int length) {
        for (byte[] each : origins) {
            if (each.length == length && equal(text, offset, each)) {
                return true;
            }
        }
        for (Wildcard each : wildcards) {
            if (each.covers(text, offset, length)) {
                return true;
            }
        }
        return false;
    }

    /** Whether the method that a preflight asks for is allowed. */
    boolean allowsMethod(Fields request, int asked) {
        for (String method : methods) {
            if (request.valueEquals(asked, method)) {
                return true;
            }
        }
        return allowsAnyMethod;
    }

    /** Whether every field that a preflight asks for is allowed. */
    boolean allowsFields(Fields request) {
        int count = 0;
        for (int i = request.find(REQUEST_HEADERS); i >= 0; i = request.find(REQUEST_HEADERS, i + 1)) {
            for (String asked : request.value(i).split(",", ASKED_MAX + 1)) {
                String name = asked.strip().toLowerCase(Locale.ROOT);
                if (++count > ASKED_MAX || (!name.isEmpty() && !allowsField(name))) {
                    return false;
                }
            }
        }
        return true;
    }

    // The star covers all but Authorization (Fetch, CORS non-wildcard request-header name).
    private boolean allowsField(String name) {
        for (String field : fields) {
            if (field.equals(name)) {
                return true;
            }
        }
        return allowsAnyField && !name.equals("authorization");
    }

    // ---- the response ----

    /**
     * Puts into a response what holds for its origin in the place of what others say.
     *
     * @param from the array that holds the request's origin
     * @param length 0 where the origin may not read the answer, or the request has none
     */
    public void write(Fields response, byte[] from, int offset, int length) {
        for (int i = response.count() - 1; i >= 0; i--) {
            if (response.nameStartsWith(i, "access-control-")) {
                response.remove(i);
            }
        }
        if (isForAnyOrigin) {
            // The same for all, so that a cache may keep one answer for everybody.
            response.add("Access-Control-Allow-Origin", ANY);
        } else {
            vary(response, "Origin", "origin");
            if (length == 0) {
                return;
            }
            response.add("Access-Control-Allow-Origin", from, offset, length);
            if (hasCredentials) {
                response.add("Access-Control-Allow-Credentials", "true");
            }
        }
        if (!exposedText.isEmpty()) {
            response.add("Access-Control-Expose-Headers", exposedText);
        }
    }

    /** Puts into the answer to a preflight that passed what {@link #write} leaves out. */
    public void writePreflight(Fields request, Fields response) {
        response.remove("access-control-expose-headers");
        response.add("Access-Control-Allow-Methods", methodsText);
        if (!fieldsText.isEmpty()) {
            response.add("Access-Control-Allow-Headers", fieldsText);
        }
        if (!maxAgeText.isEmpty()) {
            response.add("Access-Control-Max-Age", maxAgeText);
        }
        if (allowsPrivateNetwork && request.find(REQUEST_PRIVATE_NETWORK) >= 0) {
            response.add("Access-Control-Allow-Private-Network", "true");
        }
        vary(response, "Access-Control-Request-Method", REQUEST_METHOD);
        vary(response, "Access-Control-Request-Headers", REQUEST_HEADERS);
    }

    private static void vary(Fields response, String name, String lowerName) {
        if (!response.hasElement(KnownField.VARY, lowerName) && !response.hasElement(KnownField.VARY, ANY)) {
            response.add("Vary", name);
        }
    }
}
