package io.penstock.admin.resource;

import java.util.Locale;
import java.util.Optional;

/** What a caller takes, by {@code Accept} (RFC 9110 section 12.5.1). */
final class MediaTypes {
    private MediaTypes() {}

    /** The quality that the nearest range gives to a media type: 0 means not acceptable. */
    static double quality(Optional<String> accept, String type) {
        if (accept.isEmpty() || accept.get().isBlank()) {
            return 1;
        }
        double best = 0;
        int nearest = -1;
        for (String range : accept.get().toLowerCase(Locale.ROOT).split(",", -1)) {
            String[] parts = range.split(";", -1);
            int nearness = nearness(parts[0].strip(), type);
            if (nearness > nearest) {
                nearest = nearness;
                best = quality(parts);
            }
        }
        return best;
    }

    private static int nearness(String range, String type) {
        if (range.equals(type)) {
            return 2;
        }
        if (range.equals(type.substring(0, type.indexOf('/')) + "/*")) {
            return 1;
        }
        return range.equals("*/*") ? 0 : -1;
    }

    private static double quality(String[] parts) {
        for (int i = 1; i < parts.length; i++) {
            String parameter = parts[i].strip();
            if (parameter.matches("q=[01](\\.[0-9]{0,3})?")) {
                return Double.parseDouble(parameter.substring(2));
            }
        }
        return 1;
    }
}
