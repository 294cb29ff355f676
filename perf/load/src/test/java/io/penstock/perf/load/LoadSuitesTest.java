package io.penstock.perf.load;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The suites as a user runs them, in short, against the built product. */
final class LoadSuitesTest {
    private static final Path SOURCES = Path.of("../..");
    private static final int RUN_MINUTES_MAX = 15;

    @TempDir
    private Path folder;

    @Test
    void everySuiteHoldsAgainstTheBuiltProduct() throws Exception {
        assertThat(load("all", "--short")).isZero();
    }

    @Test
    void everyGateOfEverySuiteFailsBehindABrokenUpstream() throws Exception {
        assertThat(load("all", "--short", "--break-it")).isZero();
    }

    @Test
    void saysWhatIsMissing() throws Exception {
        assertThat(load("ConfigChurn", "--url", "http://127.0.0.1:1")).isEqualTo(1);

        assertThat(Files.readString(folder.resolve("out"))).contains("missing: ConfigChurn changes the configuration");
    }

    @Test
    void gatlingReportsNothingToItsMaker() {
        Config config = ConfigFactory.load("gatling.conf");

        assertThat(config.getBoolean("gatling.data.enableAnalytics")).isFalse();
        assertThat(config.getString("gatling.http.warmUpUrl")).isEmpty();
    }

    @Test
    void theProductHoldsNothingOfGatling() throws IOException {
        try (Stream<Path> jars = Files.list(SOURCES.resolve("appliance-image/target/lib"))) {
            assertThat(jars.map(jar -> jar.getFileName().toString()))
                    .isNotEmpty()
                    .noneMatch(jar -> jar.contains("gatling"));
        }
    }

    private int load(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("python3", "load.py"));
        command.addAll(List.of(arguments));
        command.addAll(List.of("--out", folder.resolve("results").toString()));
        Path out = folder.resolve("out");
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(out.toFile());
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        Process process = builder.start();
        try {
            assertThat(process.waitFor(RUN_MINUTES_MAX, TimeUnit.MINUTES)).isTrue();
        } finally {
            // It ends what it started on this signal.
            process.destroy();
            System.out.println(Files.readString(out));
        }
        return process.exitValue();
    }
}
