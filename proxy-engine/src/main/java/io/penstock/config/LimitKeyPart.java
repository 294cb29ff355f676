package io.penstock.config;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * One part of a limit's key: what requests must have in common to share a bucket.
 *
 * @param kind what is looked at
 * @param name of the header in lower case, of the query parameter, or of the variable; empty for the other kinds
 */
public record LimitKeyPart(Kind kind, String name) {
    /** What of a request can be part of a key. */
    public enum Kind {
        /** The canonical client address. */
        CLIENT_ADDRESS("clientAddress", true),
        /** The route that was chosen. */
        ROUTE("route", true),
        /** The service of that route. */
        SERVICE("service", true),
        /** Who calls, as an entry of {@code auth} found out. */
        CONSUMER("consumer", false),
        /** The first of the groups that the caller belongs to. */
        CONSUMER_GROUP("consumerGroup", false),
        /** All values of a header. */
        HEADER("header:", true),
        /** The value of a query parameter, decoded. */
        QUERY("query:", true),
        /** What a filter has found out and set. */
        VARIABLE("var:", false);

        private final String text;
        private final boolean isKnownBeforeAuth;

        Kind(String text, boolean isKnownBeforeAuth) {
            this.text = text;
            this.isKnownBeforeAuth = isKnownBeforeAuth;
        }

        boolean isNamed() {
            return text.endsWith(":");
        }
    }

    private static final List<Kind> KINDS = List.of(Kind.values());
    private static final int NAME_LENGTH_MAX = 256;
    private static final Pattern VARIABLE_NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_.-]*/[\\x21-\\x7e]+");

    /** The kinds as they are written, those with a name ending in a colon. */
    static List<String> words() {
        return KINDS.stream().map(kind -> kind.text).toList();
    }

    /** Reads a part; empty if there is no such kind, or it lacks a name, or has one that cannot be. */
    public static Optional<LimitKeyPart> parse(String text) {
        for (Kind kind : KINDS) {
            if (!kind.isNamed() && text.equals(kind.text)) {
                return Optional.of(new LimitKeyPart(kind, ""));
            }
            if (kind.isNamed() && text.startsWith(kind.text)) {
                return named(kind, text.substring(kind.text.length()));
            }
        }
        return Optional.empty();
    }

    private static Optional<LimitKeyPart> named(Kind kind, String name) {
        boolean isFit = name.length() <= NAME_LENGTH_MAX
                && switch (kind) {
                    case HEADER -> Grammar.isToken(name);
                    case QUERY -> !name.isEmpty() && name.chars().allMatch(c -> c >= 0x20 && c < 0x100 && c != 0x7f);
                    case VARIABLE -> VARIABLE_NAME.matcher(name).matches();
                    case CLIENT_ADDRESS, ROUTE, SERVICE, CONSUMER, CONSUMER_GROUP -> false;
                };
        return isFit
                ? Optional.of(new LimitKeyPart(kind, kind == Kind.HEADER ? name.toLowerCase(Locale.ROOT) : name))
                : Optional.empty();
    }

    /** Whether the request itself says it; else only an authenticator does, and the limit is taken after {@code auth}. */
    public boolean isKnownBeforeAuth() {
        return kind.isKnownBeforeAuth;
    }

    /** As it is written. */
    @Override
    public String toString() {
        return kind.text + name;
    }
}
