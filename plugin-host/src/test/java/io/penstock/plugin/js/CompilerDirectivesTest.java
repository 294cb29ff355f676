package io.penstock.plugin.js;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class CompilerDirectivesTest {
    private final String before = System.getProperty(CompilerDirectives.PROPERTY, "");

    @TempDir
    private Path folder;

    @AfterEach
    void restore() {
        System.setProperty(CompilerDirectives.PROPERTY, before);
    }

    private static boolean apply(Path file) {
        System.setProperty(CompilerDirectives.PROPERTY, file.toString());
        return CompilerDirectives.apply();
    }

    @Test
    void theJvmTakesThoseThatTheLauncherNames() {
        assertThat(apply(Path.of("../appliance-image/src/jvm/compiler.directives")))
                .isTrue();
    }

    @Test
    void aFileThatTheJvmRefusesOrThatIsNotThereStopsNothing() throws IOException {
        Path broken = Files.writeString(folder.resolve("broken"), "[{match: }]");

        assertThat(apply(broken)).isFalse();
        assertThat(apply(folder.resolve("missing"))).isFalse();
    }
}
