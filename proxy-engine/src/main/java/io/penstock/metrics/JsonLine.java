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
            LinePiece before, AccessField field, @Nullable AccessText source, boolean isText) {}

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
        return new Member(LinePiece.of(before), field, field.source(), isText);
    }

    /** Appends the object, without an end of the line. */
    void write(AccessRecord record, AccessTimes times, LineBuffer into) {
        for (Member member : members) {
            AccessText source = member.source();
            if (source != null) {
                int count = record.length(source);
                if (count > 0) {
                    into.put(member.before())
                            .json(record.bytes(), record.offset(source), count)
                            .put('"');
                }
            } else if (AccessValues.isPresent(member.field(), record)) {
                into.put(member.before());
                AccessValues.own(member.field(), record, times, into);
                if (member.isText()) {
                    into.put('"');
                }
            }
        }
        into.put('}');
    }
}
