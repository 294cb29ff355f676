package io.penstock.appliance.demo;

import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * What a client got.
 *
 * @param statusLine as it came
 * @param fields lines as they came
 */
record ToyAnswer(String statusLine, List<String> fields, String body) {
    int status() {
        return Integer.parseInt(statusLine.substring(9, 12));
    }

    Optional<String> header(String name) {
        String prefix = name.toLowerCase(Locale.ROOT) + ":";
        return fields.stream()
                .filter(line -> line.toLowerCase(Locale.ROOT).startsWith(prefix))
                .map(line -> line.substring(prefix.length()).strip())
                .findFirst();
    }

    boolean closes() {
        return header("Connection")
                .map(value -> value.equalsIgnoreCase("close"))
                .orElse(false);
    }
}
