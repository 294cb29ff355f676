package io.penstock.filter;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Types of bodies by pattern: {@code type/subtype}, {@code type/*} and {@code *}{@code /*+suffix}. */
final class BodyTypes {
    private final List<String> exact = new ArrayList<>();
    private final List<String> starts = new ArrayList<>();
    private final List<String> suffixes = new ArrayList<>();

    BodyTypes(List<String> patterns) {
        for (String pattern : patterns) {
            String lower = pattern.toLowerCase(Locale.ROOT);
            if (lower.startsWith("*/*+")) {
                suffixes.add(lower.substring("*/*".length()));
            } else if (lower.endsWith("/*")) {
                starts.add(lower.substring(0, lower.length() - 1));
            } else {
                exact.add(lower);
            }
        }
    }

    /** Whether a value of {@code Content-Type} is of these types. */
    boolean have(String contentType) {
        int end = contentType.indexOf(';');
        String type =
                (end < 0 ? contentType : contentType.substring(0, end)).strip().toLowerCase(Locale.ROOT);
        if (exact.contains(type)) {
            return true;
        }
        for (String start : starts) {
            if (type.startsWith(start)) {
                return true;
            }
        }
        for (String suffix : suffixes) {
            if (type.endsWith(suffix)) {
                return true;
            }
        }
        return false;
    }
}
