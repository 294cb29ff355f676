package io.penstock.plugin;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.params.provider.Arguments;

/** Bodies of hooks that mean harm, by name. The tests of the whole product read the same files. */
final class HostilePack {
    private HostilePack() {}

    /** Those that never end by themselves. */
    static List<Arguments> stopped() {
        return read("stopped.txt");
    }

    /** Those whose outcome is refused, and that have done nothing by then. */
    static List<Arguments> failing() {
        return read("failing.txt");
    }

    private static List<Arguments> read(String name) {
        try (InputStream file =
                Objects.requireNonNull(HostilePack.class.getResourceAsStream("hostile/" + name), name)) {
            return new String(file.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .map(line -> {
                        int at = line.indexOf('|');
                        return Arguments.of(
                                line.substring(0, at).strip(),
                                line.substring(at + 1).strip());
                    })
                    .toList();
        } catch (IOException unread) {
            throw new UncheckedIOException(unread);
        }
    }
}
