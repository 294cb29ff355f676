package io.penstock.spi;

import io.penstock.coding.ContentCoding;

/**
 * Which content codings the gateway undoes for filters that {@link PreparedFilter#decodesBody want} it. The first use loads
 * libraries, so it belongs into {@link FilterProvider#prepare}.
 */
public final class BodyCodings {
    private BodyCodings() {}

    /** Whether a body under that value of {@code Content-Encoding} is shown to such a filter as it is meant. */
    public static boolean isReadable(String contentEncoding) {
        return !ContentCoding.isCoded(contentEncoding) || ContentCoding.of(contentEncoding) != null;
    }

    /** Whether a body under that value of {@code Content-Encoding} has no coding. */
    public static boolean isIdentity(String contentEncoding) {
        return !ContentCoding.isCoded(contentEncoding);
    }

    /** What may be left of a value of {@code Accept-Encoding}, so that the answer is readable. */
    public static String acceptable(String acceptEncoding) {
        return ContentCoding.acceptable(acceptEncoding);
    }
}
