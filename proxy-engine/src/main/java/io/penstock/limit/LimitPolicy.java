package io.penstock.limit;

import io.penstock.mark.SharedByWorkers;
import java.nio.charset.StandardCharsets;

/**
 * How answers tell of a limit: an item of {@code RateLimit-Policy} as in draft-ietf-httpapi-ratelimit-headers-10, section 3, a
 * structured field (RFC 9651). Its name, in quotation marks, is the item of {@code RateLimit} too.
 */
@SharedByWorkers
public final class LimitPolicy {
    private static final long SECOND_NS = 1_000_000_000L;

    private final byte[] text;
    private final int nameLength;

    private LimitPolicy(String name, String parameters) {
        // Names of resources have neither quotation marks nor backslashes.
        String item = "\"" + name + "\"";
        this.nameLength = item.length();
        this.text = (item + parameters).getBytes(StandardCharsets.US_ASCII);
    }

    /** A bucket: its size, and the time in which an empty one fills. */
    static LimitPolicy ofRate(String name, long burst, long fillNs) {
        return new LimitPolicy(name, ";q=" + burst + ";w=" + Math.max(1, (fillNs + SECOND_NS - 1) / SECOND_NS));
    }

    /** A quota; a month has no length of its own, and so no {@code w}. */
    static LimitPolicy ofQuota(String name, QuotaPlan quota) {
        String window = switch (quota.unit()) {
            case MINUTE -> ";w=60";
            case HOUR -> ";w=3600";
            case DAY -> ";w=86400";
            case WEEK -> ";w=604800";
            case MONTH -> "";
        };
        return new LimitPolicy(name, ";q=" + quota.requests() + window);
    }

    /** The item; not to be written to. */
    public byte[] text() {
        return text;
    }

    /** How much of {@link #text} is the name. */
    public int nameLength() {
        return nameLength;
    }

    @Override
    public String toString() {
        return new String(text, StandardCharsets.US_ASCII);
    }
}
