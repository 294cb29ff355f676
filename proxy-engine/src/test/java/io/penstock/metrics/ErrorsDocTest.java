package io.penstock.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.junit.jupiter.api.Test;

/** The table of reasons in the documentation is the enumeration, row by row. */
final class ErrorsDocTest {
    // The tests run in the module's folder.
    private static final Path PAGE = Path.of("..", "docs", "ERRORS.md");

    @Test
    void theDocumentedReasonsAreThoseOfTheCode() throws IOException {
        StringBuilder table = new StringBuilder("| code | status | side | meaning |\n|---|---|---|---|\n");
        for (Reason reason : Reason.values()) {
            table.append("| `").append(reason.code()).append("` | ").append(reason.status());
            table.append(" | ").append(reason.side().name().toLowerCase(Locale.ROOT));
            table.append(" | ").append(reason.meaning()).append(" |\n");
        }

        // The empty line behind it: no row that the code does not know.
        assertThat(Files.readString(PAGE))
                .as("docs/ERRORS.md holds this table, and an empty line behind it")
                .contains(table.append('\n'));
    }
}
