package io.penstock.appliance.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ContextsTest {
    @TempDir
    Path folder;

    @Test
    void areInTheUsersConfigurationFolder() {
        assertThat(Contexts.place(Map.of("XDG_CONFIG_HOME", "/c", "HOME", "/h")))
                .isEqualTo(Path.of("/c/penstock/contexts.json"));
        assertThat(Contexts.place(Map.of("HOME", "/h"))).isEqualTo(Path.of("/h/.config/penstock/contexts.json"));
    }

    @Test
    void areReadAsTheyWereWritten() {
        Path file = folder.resolve("penstock/contexts.json");

        Contexts.read(file)
                .with("home", new Contexts.Context("http://127.0.0.1:8081", Optional.of("secret"), Optional.empty()))
                .with("lab", new Contexts.Context("https://lab.example:8081", Optional.empty(), Optional.of("AB:CD")))
                .using("home")
                .write();

        Contexts found = Contexts.read(file);
        assertThat(found.byName().keySet()).containsExactly("home", "lab");
        assertThat(found.inUse())
                .contains(new Contexts.Context("http://127.0.0.1:8081", Optional.of("secret"), Optional.empty()));
        assertThat(found.without("home").inUse()).isEmpty();
    }

    @Test
    void areForTheirOwnerOnly() throws Exception {
        Path file = folder.resolve("penstock/contexts.json");
        Contexts.read(file)
                .with("home", new Contexts.Context("http://127.0.0.1:8081", Optional.of("secret"), Optional.empty()))
                .write();
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");

        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));

        assertThatThrownBy(() -> Contexts.read(file))
                .isInstanceOf(CommandFailure.class)
                .hasMessageContaining("chmod 600");
    }

    @Test
    void doNotShowTokens() {
        assertThat(new Contexts.Context("http://127.0.0.1:8081", Optional.of("secret"), Optional.empty()).toString())
                .doesNotContain("secret");
    }
}
