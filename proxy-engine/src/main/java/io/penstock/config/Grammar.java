package io.penstock.config;

import java.util.regex.Pattern;

/** The grammars of HTTP that configured texts must keep, so that nothing written here can split a message. */
final class Grammar {
    // RFC 9110 section 5.6.2.
    private static final Pattern TOKEN = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]{1,256}");
    private static final Pattern AUTHORITY = Pattern.compile("(\\[[0-9A-Fa-f:.]+]|[A-Za-z0-9_.-]+)(:[0-9]{1,5})?");

    private Grammar() {}

    /** A field name or method. */
    static boolean isToken(String text) {
        return TOKEN.matcher(text).matches();
    }

    /** A field value: visible characters, spaces and tabs within, no control character (RFC 9110 section 5.5). */
    static boolean isFieldValue(String text) {
        return text.chars().allMatch(c -> (c >= 0x20 && c != 0x7f) || c == '\t')
                && text.equals(text.strip())
                && text.length() <= 8192;
    }

    /** A host with an optional port (RFC 3986 section 3.2, without user information). */
    static boolean isAuthority(String text) {
        return text.length() <= 261 && AUTHORITY.matcher(text).matches();
    }
}
