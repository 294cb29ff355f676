package io.penstock.config;

import java.util.Locale;

/** A constant the operator chooses by its text: the constant's name in camel case, {@code X_FORWARDED_FOR} as {@code xForwardedFor}. */
public interface Choice {
    /** The constant's name; every enum has it. */
    String name();

    /** The text in documents. */
    default String text() {
        String[] words = name().toLowerCase(Locale.ROOT).split("_", -1);
        StringBuilder text = new StringBuilder(words[0]);
        for (int i = 1; i < words.length; i++) {
            text.append(Character.toUpperCase(words[i].charAt(0))).append(words[i], 1, words[i].length());
        }
        return text.toString();
    }
}
