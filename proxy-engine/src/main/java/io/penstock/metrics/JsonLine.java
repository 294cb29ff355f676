package io.penstock.metrics;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A record as a JSON object of one line; what is absent has no member. Immutable.
 *
 * <p>The log's thread shares cores with workers where there is none to spare, so a line has to be cheap: all that is the same in
 * every line, down to a comma before and a quote behind a name, is copied as one piece.
 */
final class JsonLine {
    /** A field, and the bytes before its value: {@code ,"name":} and, where the value is text, its first quote. */
    private record Member(
            LinePiece before, AccessField field, @Nullable AccessText source, boolean isNumber, boolean isText) {}

    /** What all members take at most that are no texts of the record. */
    private static final int OWN_BYTES_MAX = 1024;

    private final Member[] members;

    private JsonLine(Member[] members) {
        this.members = members;
    }

    static JsonLine ofAllFields() {
        return new JsonLine(Arrays.stream(AccessField.values())
                .filter(field -> field != AccessField.TIME_COMMON)
                .map(JsonLine::member)
                .toArray(Member[]::new));
    }

    private static Member member(AccessField field) {
        boolean isText = field.source() != null || AccessValues.isText(field);
        // The time is first, and in every line.
        String before = (field == AccessField.TIME ? '{' : ',') + "\"" + field.text() + "\":" + (isText ? "\"" : "");
        return new Member(LinePiece.of(before), field, field.source(), AccessValues.isNumber(field), isText);
    }

    /** Appends the object, without an end of the line. */
    void write(AccessRecord record, AccessTimes times, LineBuffer into) {
        byte[] line = into.room(record.textLength() * LineBuffer.ESCAPED_BYTES_MAX + OWN_BYTES_MAX);
        byte[] texts = record.bytes();
        int at = into.length();
        for (Member member : members) {
            AccessText source = member.source();
            if (source != null) {
                int count = record.length(source);
                if (count > 0) {
                    at = LineBuffer.piece(line, at, member.before());
                    at = LineBuffer.json(line, at, texts, record.offset(source), count);
                    line[at++] = '"';
                }
            } else if (member.isNumber()) {
                long number = AccessValues.number(member.field(), record);
                if (number >= 0) {
                    at = LineBuffer.piece(line, at, member.before());
                    at = LineBuffer.number(line, at, number);
                }
            } else if (AccessValues.isPresent(member.field(), record)) {
                into.endAt(LineBuffer.piece(line, at, member.before()));
                AccessValues.own(member.field(), record, times, into);
                at = into.length();
                if (member.isText()) {
                    line[at++] = '"';
                }
            }
        }
        line[at++] = '}';
        into.endAt(at);
    }
}
