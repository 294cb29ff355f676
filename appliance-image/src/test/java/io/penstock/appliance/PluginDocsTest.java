package io.penstock.appliance;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What the documentation of plugins tells its readers to type works, and shows what it says. */
@Tag("long")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(value = 10, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class PluginDocsTest {
    private DocumentedCommands reader;

    @BeforeAll
    void prepareTheGround(@TempDir Path folder) throws IOException {
        reader = new DocumentedCommands(folder);
        reader.follow("how-to/try-plugins.md");
    }

    @AfterAll
    void end() {
        reader.close();
    }

    @Test
    void theTutorialIsTrue() throws IOException {
        reader.follow("tutorial/first-plugin.md");
    }

    static List<String> howTos() throws IOException {
        try (Stream<Path> pages = Files.list(DocumentedCommands.DOCS.resolve("how-to"))) {
            return pages.map(page -> String.valueOf(page.getFileName()))
                    .filter(name -> name.startsWith("plugin-"))
                    .sorted()
                    .toList();
        }
    }

    @ParameterizedTest
    @MethodSource("howTos")
    void eachHowToIsTrue(String page) throws IOException {
        reader.follow("how-to/" + page);
    }
}
