package io.penstock.snapshot;

import io.penstock.config.BackendConditions;
import io.penstock.config.FieldMatch;
import io.penstock.config.FieldMatchType;
import io.penstock.http.Cookies;
import io.penstock.http.Fields;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * One condition on the header or on a cookie of a request.
 *
 * @param isCookie whether a cookie is looked at
 * @param lowerName the field's name in lower case
 * @param name the cookie's name
 * @param type exact, present or absent
 * @param value what it is compared with
 */
@SuppressWarnings("ArrayRecordComponent") // never compared; read on the request path
record BackendCondition(
        boolean isCookie, String lowerName, byte[] name, FieldMatchType type, String value, byte[] text) {
    static BackendCondition[] of(BackendConditions conditions) {
        List<BackendCondition> all = new ArrayList<>();
        conditions.headers().forEach(field -> all.add(of(false, field)));
        conditions.cookies().forEach(field -> all.add(of(true, field)));
        return all.toArray(new BackendCondition[0]);
    }

    private static BackendCondition of(boolean isCookie, FieldMatch field) {
        String value = field.value().orElse("");
        return new BackendCondition(
                isCookie,
                field.name().toLowerCase(Locale.ROOT),
                field.name().getBytes(StandardCharsets.ISO_8859_1),
                field.type(),
                value,
                value.getBytes(StandardCharsets.UTF_8));
    }

    boolean holds(Fields fields, Cookies cookies) {
        return isCookie ? cookieHolds(fields, cookies) : headerHolds(fields);
    }

    private boolean cookieHolds(Fields fields, Cookies cookies) {
        boolean isThere = cookies.find(fields, name);
        return switch (type) {
            case PRESENT -> isThere;
            case ABSENT -> !isThere;
            case EXACT, REGEX -> isThere && cookies.valueIs(fields.bytes(), text);
        };
    }

    // Fields that come more than once: one that fits is enough.
    private boolean headerHolds(Fields fields) {
        int at = fields.find(lowerName);
        if (type == FieldMatchType.PRESENT || type == FieldMatchType.ABSENT) {
            return (at >= 0) == (type == FieldMatchType.PRESENT);
        }
        while (at >= 0) {
            if (fields.valueEquals(at, value)) {
                return true;
            }
            at = fields.find(lowerName, at + 1);
        }
        return false;
    }
}
