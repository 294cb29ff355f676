package io.penstock.config;

import java.util.Locale;

/**
 * Which {@code Host} an upstream sees, written {@code preserve}, {@code target}, or the value itself.
 *
 * @param kind where the value comes from
 * @param value the text for {@link Kind#VALUE}, in lower case; empty for the others
 */
public record HostHeader(Kind kind, String value) {
    /** The client's own. */
    public static final HostHeader PRESERVE = new HostHeader(Kind.PRESERVE, "");
    /** The address of the endpoint. */
    public static final HostHeader TARGET = new HostHeader(Kind.TARGET, "");

    /** Where the value comes from. */
    public enum Kind implements Choice {
        /** The client's request. */
        PRESERVE,
        /** The endpoint's address. */
        TARGET,
        /** The configured text. */
        VALUE
    }

    public HostHeader {
        if (kind == Kind.VALUE && !Grammar.isAuthority(value)) {
            throw ValueText.unreadable(
                    "host", value, "preserve, target, or a host with an optional port", "orders.internal");
        }
    }

    /**
     * Reads the choice.
     *
     * @throws IllegalArgumentException if the text is neither a word of the choice nor a host
     */
    public static HostHeader parse(String text) {
        return switch (text) {
            case "preserve" -> PRESERVE;
            case "target" -> TARGET;
            default -> new HostHeader(Kind.VALUE, text.toLowerCase(Locale.ROOT));
        };
    }

    @Override
    public String toString() {
        return kind == Kind.VALUE ? value : kind.text();
    }
}
