package io.penstock.exchange.limits;

import io.penstock.config.LimitKeyPart;
import io.penstock.http.AddressText;
import io.penstock.limit.KeyHash;
import io.penstock.limit.LimitPlan;
import io.penstock.mark.SharedByWorkers;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Makes the key that requests have under a limit out of what people write: the same as {@link LimitKeys} makes of a request. */
@SharedByWorkers
public final class LimitKeyText {
    private LimitKeyText() {}

    /**
     * Makes a key.
     *
     * @param values one for each part of the limit's key, in order
     * @throws IllegalArgumentException if a value cannot be of its part; the message says why
     */
    public static void make(KeyHash hash, LimitPlan plan, List<String> values) {
        LimitKeyPart[] parts = plan.key();
        if (values.size() != parts.length) {
            throw new IllegalArgumentException(
                    "found " + values.size() + " values, wanted " + parts.length + ": one for each part of the key");
        }
        hash.begin(plan);
        for (int i = 0; i < parts.length; i++) {
            add(hash, parts[i], values.get(i));
        }
        hash.finish();
    }

    private static void add(KeyHash hash, LimitKeyPart part, String value) {
        switch (part.kind()) {
            case CLIENT_ADDRESS -> {
                byte[] address = address(value);
                hash.add(address, 0, address.length);
            }
            case ROUTE, SERVICE -> hash.add(KeyHash.ofName(value));
            case CONSUMER -> hash.add(LimitKeys.BY_CONSUMER).add(value);
            case CONSUMER_GROUP, VARIABLE -> hash.add(value);
            case HEADER, QUERY -> {
                byte[] bytes = value.getBytes(StandardCharsets.ISO_8859_1);
                hash.add(bytes, 0, bytes.length);
            }
        }
    }

    private static byte[] address(String text) {
        byte[] address = new byte[AddressText.BYTES];
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        if (!AddressText.parse(bytes, 0, bytes.length, address)) {
            throw new IllegalArgumentException("\"" + text + "\" is no address");
        }
        return address;
    }
}
