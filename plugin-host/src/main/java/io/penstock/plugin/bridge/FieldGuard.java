package io.penstock.plugin.bridge;

import io.penstock.http.Fields;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What a script may write into header fields. */
final class FieldGuard {
    /** Framing and the connection are the gateway's: a script that could write them could write a second message. */
    private static boolean isGateways(String lowerName) {
        return switch (lowerName) {
            case "content-length",
                    "transfer-encoding",
                    "connection",
                    "keep-alive",
                    "proxy-connection",
                    "upgrade",
                    "te",
                    "trailer",
                    "http2-settings" -> true;
            default -> false;
        };
    }

    private FieldGuard() {}

    /** The name in lower case; the same object if it is already. */
    static String lower(String name) {
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            if (c >= 'A' && c <= 'Z') {
                return name.toLowerCase(Locale.ROOT);
            }
        }
        return name;
    }

    /** Why a script may not touch this field; null if it may. */
    @Nullable
    static String refusal(String lowerName) {
        return isGateways(lowerName)
                ? "header \"" + lowerName + "\" belongs to the connection, and the gateway sets it"
                : null;
    }

    /** What is wrong with a field of a new message; null if nothing is. */
    @Nullable
    static String fault(String name, String value) {
        String refusal = refusal(lower(name));
        if (refusal != null) {
            return refusal;
        }
        try {
            new Fields().add(name, value);
            return null;
        } catch (IllegalArgumentException | IllegalStateException wrong) {
            return String.valueOf(wrong.getMessage());
        }
    }
}
