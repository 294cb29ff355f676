package io.penstock.admin;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Files under docs/reference that are made from the model: written with {@code -Ddocs.regenerate=true}, else compared. */
public final class ReferenceDocs {
    private static final Path REFERENCE = Path.of("..", "docs", "reference");

    private ReferenceDocs() {}

    /** The file holds what is wanted. */
    public static void assertWritten(String name, String wanted) throws IOException {
        Path file = REFERENCE.resolve(name);
        if (Boolean.getBoolean("docs.regenerate")) {
            Files.createDirectories(REFERENCE);
            Files.writeString(file, wanted);
        }
        assertThat(Files.readString(file))
                .as("docs/reference/%s is not what the model says; run with -Ddocs.regenerate=true", name)
                .isEqualTo(wanted);
    }
}
