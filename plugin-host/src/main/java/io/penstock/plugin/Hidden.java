package io.penstock.plugin;

import java.util.Collection;

/** Takes secrets out of texts before anybody reads them. */
final class Hidden {
    /** Shorter texts would be found by chance, in words that have nothing to do with them. */
    private static final int CHARS_MIN = 4;

    private static final String INSTEAD = "[secret]";

    private Hidden() {}

    static boolean isLongEnough(String secret) {
        return secret.length() >= CHARS_MIN;
    }

    static String in(String text, Collection<String> secrets) {
        String shown = text;
        for (String secret : secrets) {
            if (isLongEnough(secret) && shown.contains(secret)) {
                shown = shown.replace(secret, INSTEAD);
            }
        }
        return shown;
    }
}
