package io.penstock.appliance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;

/** A program of the machine that a test drives. */
final class Tool {
    private static final long SECONDS_MAX = 300;

    private Tool() {}

    /** Skips the test, with the reason, on a machine that lacks one of them. */
    static void require(String... names) {
        for (String name : names) {
            assumeTrue(isThere(name), name + " is not installed");
        }
    }

    static boolean isThere(String name) {
        return Arrays.stream(System.getenv("PATH").split(File.pathSeparator, -1))
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, name)));
    }

    /** Runs it to its end. */
    static Result run(String... command) throws IOException, InterruptedException {
        Path said = Files.createTempFile("tool", ".out");
        try {
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(said.toFile())
                    .start();
            try {
                assertThat(process.waitFor(SECONDS_MAX, TimeUnit.SECONDS))
                        .as("%s ends", command[0])
                        .isTrue();
            } finally {
                process.destroyForcibly();
            }
            return new Result(process.exitValue(), Files.readString(said, StandardCharsets.ISO_8859_1));
        } finally {
            Files.delete(said);
        }
    }

    /** How it ended, and all that it said. */
    record Result(int exit, String said) {}
}
