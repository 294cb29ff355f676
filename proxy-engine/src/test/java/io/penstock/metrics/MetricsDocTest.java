package io.penstock.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** The table of metrics in the documentation is the catalogue, row by row. */
final class MetricsDocTest {
    // The tests run in the module's folder.
    private static final Path PAGE = Path.of("..", "docs", "reference", "metrics.md");

    @Test
    void theDocumentedMetricsAreThoseOfTheCatalogue() throws IOException {
        assertThat(Files.readString(PAGE))
                .as("docs/reference/metrics.md holds CounterCatalog.markdown(), and an empty line behind it")
                .contains(CounterCatalog.markdown() + "\n");
    }
}
