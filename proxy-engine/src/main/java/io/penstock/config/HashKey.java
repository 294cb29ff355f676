package io.penstock.config;

import java.util.List;
import java.util.Locale;

/**
 * What of a request the balancer hashes, written {@code clientAddress}, {@code path}, {@code header:NAME},
 * {@code cookie:NAME} or {@code query:NAME}.
 *
 * @param name of the header in lower case, of the cookie or of the query parameter; empty for the other kinds
 */
public record HashKey(Kind kind, String name) {
    /** The canonical client address. */
    public static final HashKey CLIENT_ADDRESS = new HashKey(Kind.CLIENT_ADDRESS, "");

    private static final int NAME_LENGTH_MAX = 256;
    private static final List<Kind> KINDS = List.of(Kind.values());

    /** What is looked at. */
    public enum Kind {
        /** The canonical client address. */
        CLIENT_ADDRESS("clientAddress"),
        /** The canonical path, without the query. */
        PATH("path"),
        /** The first value of a header. */
        HEADER("header:"),
        /** The value of a cookie. */
        COOKIE("cookie:"),
        /** The value of a query parameter, decoded. */
        QUERY("query:");

        private final String text;

        Kind(String text) {
            this.text = text;
        }
    }

    public HashKey {
        boolean isNamed = kind.text.endsWith(":");
        boolean isFit = switch (kind) {
            case HEADER, COOKIE -> Grammar.isToken(name);
            case QUERY -> !name.isEmpty() && name.chars().allMatch(c -> c >= 0x20 && c < 0x100 && c != 0x7f);
            case CLIENT_ADDRESS, PATH -> name.isEmpty();
        };
        if (!isFit || name.length() > NAME_LENGTH_MAX) {
            throw unreadable(kind.text + (isNamed ? name : ""));
        }
    }

    /**
     * Reads a key.
     *
     * @throws IllegalArgumentException if the text is none
     */
    public static HashKey parse(String text) {
        for (Kind kind : KINDS) {
            if (kind.text.endsWith(":") ? text.startsWith(kind.text) : text.equals(kind.text)) {
                String name = text.substring(kind.text.length());
                return new HashKey(kind, kind == Kind.HEADER ? name.toLowerCase(Locale.ROOT) : name);
            }
        }
        throw unreadable(text);
    }

    private static IllegalArgumentException unreadable(String found) {
        return ValueText.unreadable(
                "hash key", found, "clientAddress, path, header:NAME, cookie:NAME or query:NAME", "header:X-User");
    }

    @Override
    public String toString() {
        return kind.text + name;
    }
}
