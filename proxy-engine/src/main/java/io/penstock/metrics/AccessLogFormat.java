package io.penstock.metrics;

import io.penstock.mark.SharedByWorkers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/**
 * How a line of an access log looks: {@code json}, {@code common} (NCSA combined), or a template such as
 * <code>{time} {method} {host}{path} {status}</code>. Immutable.
 *
 * <p>No value can end a line or a quoted text: JSON is escaped as JSON, the others write quotes, backslashes and everything
 * but visible ASCII and the space as {@code \xHH}. In a template <code>{{</code> and <code>}}</code> stand for braces, and an absent value is
 * {@code -}; in JSON an absent value has no member.
 */
@SharedByWorkers
public final class AccessLogFormat {
    private static final String COMMON =
            "{clientAddress} - - [{timeCommon}] \"{method} {target} {protocol}\" {status} {bytesOut} \"{referer}\" \"{userAgent}\"";
    private static final byte[] ABSENT = {'-'};
    private static final String TARGET = "target";

    /** A line is a sequence of these. */
    private interface Piece {
        void write(AccessRecord record, AccessTimes times, LineBuffer into);
    }

    private final String text;
    private final Piece[] pieces;

    private AccessLogFormat(String text, List<Piece> pieces) {
        this.text = text;
        this.pieces = pieces.toArray(Piece[]::new);
    }

    /**
     * Reads a format as the operator wrote it.
     *
     * @throws IllegalArgumentException if it is a template with an unknown field, an open brace or no field at all
     */
    public static AccessLogFormat parse(String text) {
        return switch (text) {
            case "json" -> new AccessLogFormat(text, List.of(JsonLine.ofAllFields()::write));
            case "common" -> new AccessLogFormat(text, template(COMMON));
            default -> new AccessLogFormat(text, template(text));
        };
    }

    /** The names that a template may use. */
    public static List<String> fieldNames() {
        List<String> names = new ArrayList<>();
        Arrays.stream(AccessField.values()).map(AccessField::text).forEach(names::add);
        names.add(TARGET);
        return List.copyOf(names);
    }

    /** Appends one line, its end included. */
    void write(AccessRecord record, AccessTimes times, LineBuffer into) {
        for (Piece piece : pieces) {
            piece.write(record, times, into);
        }
        into.put('\n');
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof AccessLogFormat format && format.text.equals(text);
    }

    @Override
    public int hashCode() {
        return text.hashCode();
    }

    @Override
    public String toString() {
        return text;
    }

    private static void plain(AccessField field, AccessRecord record, AccessTimes times, LineBuffer into) {
        if (AccessValues.isPresent(field, record)) {
            AccessValues.plain(field, record, times, into);
        } else {
            into.put(ABSENT);
        }
    }

    private static void target(AccessRecord record, LineBuffer into) {
        if (record.length(AccessText.PATH) == 0) {
            into.put(ABSENT);
        }
        into.plain(record.bytes(), record.offset(AccessText.PATH), record.length(AccessText.PATH));
        if (record.length(AccessText.QUERY) > 0) {
            into.put('?').plain(record.bytes(), record.offset(AccessText.QUERY), record.length(AccessText.QUERY));
        }
    }

    private static List<Piece> template(String text) {
        List<Piece> pieces = new ArrayList<>();
        StringBuilder literal = new StringBuilder();
        boolean hasField = false;
        for (int at = 0; at < text.length(); at++) {
            char next = text.charAt(at);
            boolean isDoubled = at + 1 < text.length() && text.charAt(at + 1) == next;
            if ((next == '{' || next == '}') && isDoubled) {
                literal.append(next);
                at++;
            } else if (next == '{') {
                int end = text.indexOf('}', at);
                if (end < 0) {
                    throw new IllegalArgumentException("format \"" + text + "\": the brace at character " + at
                            + " is not closed; write {{ for a brace");
                }
                pieces.add(literal(literal));
                pieces.add(field(text, text.substring(at + 1, end)));
                literal.setLength(0);
                hasField = true;
                at = end;
            } else if (next == '\n' || next == '\r') {
                throw new IllegalArgumentException("format \"" + text + "\": a line cannot hold a line break");
            } else {
                literal.append(next);
            }
        }
        if (!hasField) {
            throw new IllegalArgumentException("format \"" + text
                    + "\" is not json, common or a template with {fields}. Example: {time} {method} {path} {status}");
        }
        pieces.add(literal(literal));
        return pieces;
    }

    private static Piece literal(CharSequence text) {
        byte[] bytes = text.toString().getBytes(StandardCharsets.UTF_8);
        return (record, times, into) -> into.put(bytes);
    }

    private static Piece field(String text, String name) {
        if (name.equals(TARGET)) {
            return (record, times, into) -> target(record, into);
        }
        return AccessField.named(name)
                .<Piece>map(known -> (record, times, into) -> plain(known, record, times, into))
                .orElseThrow(() -> new IllegalArgumentException("format \"" + text + "\": there is no field \"" + name
                        + "\". Known fields: " + fieldNames().stream().collect(Collectors.joining(", "))));
    }
}
