package io.penstock.appliance.command;

import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class FolderOwnerTest {
    private static final int NOBODY = 65534;

    @TempDir
    Path folder;

    @BeforeEach
    void isRoot() {
        assumeThat(System.getProperty("user.name")).isEqualTo("root");
    }

    @Test
    void isWhoWritesIntoIt() throws Exception {
        FolderOwner.require(folder);
        FolderOwner.require(folder.resolve("not-there-yet"));

        Files.setAttribute(folder, "unix:uid", NOBODY);

        assertThatThrownBy(() -> FolderOwner.require(folder))
                .isInstanceOf(CommandFailure.class)
                .hasMessageContaining("belongs to nobody")
                .hasMessageContaining("runs as root")
                .hasMessageContaining("runuser -u nobody");
    }
}
