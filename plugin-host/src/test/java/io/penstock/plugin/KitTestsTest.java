package io.penstock.plugin;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.plugin.PluginTests.Outcome;
import io.penstock.plugin.PluginTests.Result;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Tests of plugins as their authors write them, in the real host. */
final class KitTestsTest {
    private static final Path EXAMPLES = Path.of("kit/examples");

    static List<String> examples() throws Exception {
        try (Stream<Path> folders = Files.list(EXAMPLES)) {
            return folders.map(folder -> String.valueOf(folder.getFileName()))
                    .sorted()
                    .toList();
        }
    }

    static Map<String, byte[]> folder(Path folder) throws Exception {
        Map<String, byte[]> files = new TreeMap<>();
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path file : all.filter(Files::isRegularFile).toList()) {
                files.put(folder.relativize(file).toString(), Files.readAllBytes(file));
            }
        }
        return files;
    }

    static List<Result> run(Map<String, byte[]> folder) throws Exception {
        PackageFixture zip = new PackageFixture();
        folder.forEach((path, content) -> zip.file(path, new String(content, StandardCharsets.UTF_8)));
        List<Result> results = new ArrayList<>();
        PluginTests.run(folder, zip.zip(), results::add, line -> {});
        return results;
    }

    private static Map<String, byte[]> plugin(String script, String tests) {
        return Map.of(
                "plugin.json",
                utf8("{\"name\": \"sample\", \"version\": \"1.0.0\", \"api\": 1, \"entry\": \"main.mjs\"}"),
                "main.mjs",
                utf8(script),
                "test/main.test.mjs",
                utf8(tests));
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @ParameterizedTest
    @MethodSource("examples")
    void anExamplesOwnTestsPass(String example) throws Exception {
        List<Result> results = run(folder(EXAMPLES.resolve(example)));

        assertThat(results).isNotEmpty().allMatch(result -> result.outcome() == Outcome.PASSED, "passed");
    }

    @Test
    void aFailureHasItsNameFileAndLine() throws Exception {
        List<Result> results = run(plugin("export default {onRequest() {}};", """
                import assert from 'node:assert/strict';
                import { describe, test } from 'node:test';

                describe('sums', () => {
                  test('are right', () => assert.equal(1 + 1, 2));
                  test('are wrong', () => {
                    assert.equal(1 + 1, 3);
                  });
                });
                """));

        assertThat(results)
                .containsExactly(
                        new Result(
                                "test/main.test.mjs",
                                List.of("sums", "are right"),
                                Outcome.PASSED,
                                "",
                                "test/main.test.mjs"),
                        new Result(
                                "test/main.test.mjs",
                                List.of("sums", "are wrong"),
                                Outcome.FAILED,
                                "found 2, wanted 3",
                                "test/main.test.mjs:7"));
    }

    @Test
    void aFileThatCannotBeReadIsAFailureOfItsOwn() throws Exception {
        List<Result> results = run(plugin("export default {onRequest() {}};", """
                import { readFile } from 'node:fs';
                """));

        assertThat(results).singleElement().satisfies(result -> {
            assertThat(result.outcome()).isEqualTo(Outcome.FAILED);
            assertThat(result.message()).contains("node:fs");
        });
    }
}
