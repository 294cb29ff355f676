package io.penstock.perf.load;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What a suite found besides Gatling's statistics, and the gates on it; written as JSON for load.py. */
final class Facts {
    private final List<String> values = new ArrayList<>();
    private final List<String> gates = new ArrayList<>();

    void value(String name, double value) {
        values.add(String.format(Locale.ROOT, "\"%s\":%.3f", name, value));
    }

    void gate(String name, boolean held) {
        gates.add("{\"gate\":\"" + name + "\",\"held\":" + held + "}");
    }

    void write(Path file) {
        try {
            Files.writeString(
                    file,
                    "{\"values\":{" + String.join(",", values) + "},\"gates\":[" + String.join(",", gates) + "]}\n");
        } catch (IOException failed) {
            throw new UncheckedIOException(file.toString(), failed);
        }
    }
}
