package io.penstock.http;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * Raw messages kept beside the tests, by what they are ({@code requestHead}, {@code responseHead}, {@code chunkedBody})
 * and by what must come of them: {@code complete}, {@code needs-more}, or a reason's code. They are the seeds of
 * {@link MessageFuzzTest}, too.
 */
final class Corpus {
    private Corpus() {}

    /**
     * One message.
     *
     * @param expected the name of the folder it lies in
     * @param raw its bytes, one character for each
     */
    record Entry(String expected, String name, String raw) {
        byte[] bytes() {
            return Messages.bytes(raw);
        }

        @Override
        public String toString() {
            return name;
        }
    }

    static List<Entry> of(String kind) {
        try {
            Path root = Path.of(
                    Corpus.class.getResource("MessageFuzzTestInputs/" + kind).toURI());
            try (Stream<Path> files = Files.walk(root)) {
                return files.filter(Files::isRegularFile)
                        .sorted()
                        .map(file -> entry(root, file))
                        .toList();
            }
        } catch (IOException | URISyntaxException failure) {
            throw new IllegalStateException("the corpus of " + kind + " cannot be read", failure);
        }
    }

    private static Entry entry(Path root, Path file) {
        try {
            return new Entry(
                    root.relativize(file).getName(0).toString(),
                    root.relativize(file).toString(),
                    Files.readString(file, StandardCharsets.ISO_8859_1));
        } catch (IOException failure) {
            throw new IllegalStateException("the message " + file + " cannot be read", failure);
        }
    }
}
