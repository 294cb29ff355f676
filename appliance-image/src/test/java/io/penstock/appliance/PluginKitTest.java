package io.penstock.appliance;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.appliance.command.CommandLines;
import io.penstock.appliance.command.ExitCode;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The kit with the tools that authors use it with: unmodified npm packages, bundled by {@code penstock plugin build}, in the real
 * host; typings under {@code tsc}; and every test under Node and in the host with the same results.
 */
@Tag("kit")
final class PluginKitTest {
    private static final Path KIT =
            Path.of("../plugin-host/kit").toAbsolutePath().normalize();
    private static final long MINUTES_MAX = 10;
    // A line of TAP: indented below its suite.
    private static final Pattern TAP = Pattern.compile("^( *)(not ok|ok) [0-9]+ - (.*?)( # .*)?$");

    private record Outcome(int exitCode, String out) {}

    @BeforeAll
    static void install() throws Exception {
        Outcome installed = tool(KIT, "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund");
        assertThat(installed.exitCode()).as(installed.out()).isZero();
        Outcome made = tool(KIT.resolve("proofs/jose"), "node", "make-keys.mjs");
        assertThat(made.exitCode()).as(made.out()).isZero();
        for (Path proof : proofs()) {
            good("plugin", "types", proof.toString());
            good("plugin", "build", proof.toString());
        }
    }

    static List<Path> proofs() throws Exception {
        return folders("proofs");
    }

    static List<Path> all() throws Exception {
        List<Path> all = new ArrayList<>(folders("examples"));
        all.addAll(proofs());
        return all;
    }

    private static List<Path> folders(String name) throws Exception {
        try (Stream<Path> folders = Files.list(KIT.resolve(name))) {
            return folders.sorted().toList();
        }
    }

    private static Outcome tool(Path folder, String... command) throws Exception {
        Path out = Files.createTempFile("kit", ".out");
        try {
            ProcessBuilder builder = new ProcessBuilder(command)
                    .directory(folder.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(out.toFile());
            // A runner that is itself run by another would speak to that one.
            builder.environment().remove("NODE_TEST_CONTEXT");
            Process process = builder.start();
            if (!process.waitFor(MINUTES_MAX, TimeUnit.MINUTES)) {
                process.destroyForcibly();
                throw new AssertionError(List.of(command) + " has not ended");
            }
            return new Outcome(process.exitValue(), Files.readString(out, StandardCharsets.UTF_8));
        } finally {
            Files.delete(out);
        }
    }

    private static Outcome penstock(String... arguments) {
        CommandLine command = CommandLines.penstock();
        StringWriter out = new StringWriter();
        command.setOut(new PrintWriter(out));
        command.setErr(new PrintWriter(out));
        return new Outcome(CommandLines.execute(command, arguments), out.toString());
    }

    private static Outcome good(String... arguments) {
        Outcome outcome = penstock(arguments);
        assertThat(outcome.exitCode()).as(outcome.out()).isEqualTo(ExitCode.OK);
        return outcome;
    }

    @Test
    void typingsExamplesAndProofsAreWellTyped() throws Exception {
        for (String config : List.of("tsconfig.json", "tsconfig.examples.json")) {
            Outcome checked = tool(KIT, "node_modules/.bin/tsc", "-p", config);
            assertThat(checked.exitCode()).as(checked.out()).isZero();
        }
    }

    @ParameterizedTest
    @MethodSource("proofs")
    void anUnmodifiedPackageWorksInTheRealHost(Path proof) {
        Outcome tested = good("plugin", "test", proof.toString());

        assertThat(tested.out()).contains(" tests, 0 failed");
    }

    @ParameterizedTest
    @MethodSource("all")
    void everyTestEndsUnderNodeAsInTheHost(Path plugin) throws Exception {
        Map<String, Boolean> inNode = new TreeMap<>();
        Outcome node = tool(plugin, "node", "--test", "--test-reporter=tap");
        for (String line : node.out().lines().toList()) {
            Matcher matcher = TAP.matcher(line);
            if (matcher.matches()) {
                inNode.put(matcher.group(3), matcher.group(2).equals("ok"));
            }
        }
        Map<String, Boolean> inHost = new TreeMap<>();
        JsonNode host = JsonMapper.shared()
                .readTree(penstock("plugin", "test", plugin.toString(), "-o", "json")
                        .out());
        for (JsonNode test : host.path("tests")) {
            for (JsonNode part : test.path("name")) {
                inHost.merge(
                        part.asString(""), test.path("outcome").asString("").equals("passed"), Boolean::logicalAnd);
            }
        }

        assertThat(inNode).as(node.out()).isNotEmpty().isEqualTo(inHost);
    }

    @Test
    void aFaultInABundleNamesTheAuthorsFileAndLine() {
        Outcome tried = penstock(
                "plugin",
                "test",
                KIT.resolve("proofs/zod").toString(),
                "--hook",
                "onRequest",
                "--method",
                "POST",
                "--body",
                "{}",
                "-H",
                "x-surprise: 1");

        assertThat(tried.exitCode()).isEqualTo(ExitCode.FAILED);
        assertThat(tried.out()).contains("src/surprise.ts:8:").contains("src/main.ts:");
    }
}
