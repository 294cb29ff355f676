package io.penstock.config;

import java.util.Locale;

/**
 * By what a caller keeps its backend, written {@code cookie}, {@code consumer}, {@code clientAddress}, {@code header:NAME} or
 * {@code cookie:NAME}.
 *
 * @param kind what is looked at
 * @param name the header's name in lower case or the cookie's name; empty for the others
 */
public record StickyBy(Kind kind, String name) {
    /** A cookie that the gateway sets. */
    public static final StickyBy COOKIE = new StickyBy(Kind.OWN_COOKIE, "");
    /** Who calls, as {@code auth} found out. */
    public static final StickyBy CONSUMER = new StickyBy(Kind.CONSUMER, "");
    /** The client's address. */
    public static final StickyBy CLIENT_ADDRESS = new StickyBy(Kind.CLIENT_ADDRESS, "");

    private static final int NAME_LENGTH_MAX = 128;

    /** What is looked at. */
    public enum Kind {
        /** A cookie that the gateway sets. */
        OWN_COOKIE,
        /** Who calls, as {@code auth} found out; the backend is chosen only then. */
        CONSUMER,
        /** The client's address, behind trusted peers the one they tell. */
        CLIENT_ADDRESS,
        /** A header field's value. */
        HEADER,
        /** The value of a cookie of the application. */
        COOKIE
    }

    public StickyBy {
        if ((kind == Kind.HEADER || kind == Kind.COOKIE)
                && (!Grammar.isToken(name) || name.length() > NAME_LENGTH_MAX)) {
            throw ValueText.unreadable("name", name, "letters, digits and hyphens", "header:X-User");
        }
    }

    /**
     * Reads the choice.
     *
     * @throws IllegalArgumentException if the text is none of them
     */
    public static StickyBy parse(String text) {
        if (text.equals("cookie")) {
            return COOKIE;
        }
        if (text.equals("consumer")) {
            return CONSUMER;
        }
        if (text.equals("clientAddress")) {
            return CLIENT_ADDRESS;
        }
        if (text.startsWith("header:")) {
            return new StickyBy(Kind.HEADER, text.substring("header:".length()).toLowerCase(Locale.ROOT));
        }
        if (text.startsWith("cookie:")) {
            return new StickyBy(Kind.COOKIE, text.substring("cookie:".length()));
        }
        throw ValueText.unreadable(
                "stickiness", text, "cookie, consumer, cookie:NAME, header:NAME or clientAddress", "cookie");
    }

    @Override
    public String toString() {
        return switch (kind) {
            case OWN_COOKIE -> "cookie";
            case CONSUMER -> "consumer";
            case CLIENT_ADDRESS -> "clientAddress";
            case HEADER -> "header:" + name;
            case COOKIE -> "cookie:" + name;
        };
    }
}
