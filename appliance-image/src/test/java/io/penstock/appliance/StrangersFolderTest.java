package io.penstock.appliance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.penstock.appliance.command.ExitCode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What root is kept from doing to the data folder of a gateway's user. */
final class StrangersFolderTest {
    private static final int NOBODY = 65534;

    @TempDir
    Path folder;

    @BeforeEach
    void isRoot() {
        assumeThat(System.getProperty("user.name")).isEqualTo("root");
    }

    @Test
    void isNeitherRestoredIntoNorEmptied() throws Exception {
        Files.writeString(folder.resolve("setup-token"), "");
        Files.setAttribute(folder, "unix:uid", NOBODY);

        for (List<String> words : List.of(
                List.of("restore", "--data", folder.toString(), "--replace", "a.backup"),
                List.of("factory-reset", "--data", folder.toString()))) {
            int exit = Main.commandLine().execute(words.toArray(String[]::new));

            assertThat(exit).as(words.getFirst()).isEqualTo(ExitCode.FAILED);
            assertThat(folder).isDirectoryNotContaining("glob:**/lock");
        }
    }
}
