package io.penstock.appliance.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class TokenFileTest {
    @TempDir
    private Path folder;

    private Path file = Path.of("");

    @BeforeEach
    void write() throws IOException {
        file = Files.writeString(folder.resolve("token"), "a-token-for-this-test\n");
    }

    private void mode(String permissions) throws IOException {
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(permissions));
    }

    @ParameterizedTest
    @ValueSource(strings = {"rw-r--r--", "rw-r-----", "rw----r--"})
    void warnsOfAFileThatOthersCanRead(String permissions) throws IOException {
        mode(permissions);

        assertThat(TokenFile.warning(file).orElse(""))
                .contains(file.toString(), permissions, "chmod 600")
                .doesNotContain("a-token-for-this-test");
    }

    @Test
    void saysNothingOfAnothersFileThatTheGroupReads() throws IOException {
        assumeTrue(Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0), "only root gives files away");
        Files.setAttribute(file, "unix:uid", 10001);

        mode("r--r-----");
        assertThat(TokenFile.warning(file)).isEmpty();

        mode("r--r--r--");
        assertThat(TokenFile.warning(file)).isPresent();
    }

    @Test
    void saysNothingOfAFileThatOnlyItsOwnerReadsOrThatIsNotThere() throws IOException {
        mode("rw-------");

        assertThat(TokenFile.warning(file)).isEmpty();
        assertThat(TokenFile.warning(folder.resolve("none"))).isEmpty();
    }
}
