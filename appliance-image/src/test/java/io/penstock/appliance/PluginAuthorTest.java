package io.penstock.appliance;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.appliance.command.CommandLines;
import io.penstock.appliance.command.ExitCode;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The commands of a plugin's author that need neither gateway nor network. */
final class PluginAuthorTest {
    private static final String MANIFEST = """
            {
              "name": "hello",
              "version": "1.0.0",
              "api": 1,
              "entry": "src/main.ts",
              "configSchema": {
                "type": "object",
                "required": ["word"],
                "properties": {
                  "word": {"type": "string", "description": "What it says"},
                  "times": {"type": "integer", "default": 1},
                  "mode": {"enum": ["loud", "low"]},
                  "names": {"type": "array", "items": {"type": ["string", "null"]}},
                  "by-day": {"type": "object", "additionalProperties": {"$ref": "#/$defs/day"}}
                },
                "$defs": {"day": {"type": "object", "properties": {"open": {"type": "boolean"}}}}
              }
            }
            """;

    @TempDir
    private Path folder;

    private record Outcome(int exitCode, String out, String err) {}

    @BeforeEach
    void write() throws IOException {
        Files.writeString(folder.resolve("plugin.json"), MANIFEST);
        Files.createDirectories(folder.resolve("src"));
        Files.writeString(folder.resolve("src/main.ts"), "export default {onRequest() {}};\n");
    }

    private static Outcome run(String... arguments) {
        CommandLine command = CommandLines.penstock();
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        command.setOut(new PrintWriter(out));
        command.setErr(new PrintWriter(err));
        return new Outcome(CommandLines.execute(command, arguments), out.toString(), err.toString());
    }

    /** Writes down what it was asked, and copies the source where the bundle is to be. */
    private void esbuild(String more) throws IOException {
        Path bin = Files.createDirectories(folder.resolve("node_modules/.bin"));
        Path script = Files.writeString(bin.resolve("esbuild"), """
                #!/bin/sh
                echo "$@" > asked
                mkdir -p dist && cp "$1" dist/main.mjs && echo '{"version":3,"sources":[],"mappings":""}' > dist/main.mjs.map
                """ + more);
        Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    @Test
    void typesSayWhatAHookFindsInItsSettings() throws IOException {
        assertThat(run("plugin", "types", folder.toString()).exitCode()).isEqualTo(ExitCode.OK);

        assertThat(folder.resolve("config.d.ts")).hasContent("""
                // Written by "penstock plugin types" from configSchema of plugin.json.
                export type Config = {
                  /** What it says */
                  word: string;
                  times: number;
                  mode?: 'loud' | 'low';
                  names?: (string | null)[];
                  'by-day'?: Record<string, {
                    open?: boolean;
                  }>;
                };
                """);
        assertThat(folder.resolve(".penstock/plugin/index.d.ts")).content().contains("definePlugin");
        assertThat(folder.resolve(".penstock/plugin-test/index.js")).exists();
        assertThat(folder.resolve(".penstock/plugin-test/host/hooks.js")).exists();
    }

    @Test
    void buildHasTheManifestNameTheBundleAndItsMap() throws IOException {
        esbuild("");

        Outcome built = run("plugin", "build", folder.toString());

        assertThat(built.exitCode()).as(built.err()).isEqualTo(ExitCode.OK);
        assertThat(folder.resolve("plugin.json"))
                .hasContent(MANIFEST.replace(
                        "  \"entry\": \"src/main.ts\",\n",
                        "  \"entry\": \"dist/main.mjs\",\n  \"sourceMap\": \"dist/main.mjs.map\",\n"));
        assertThat(folder.resolve("asked"))
                .content()
                .startsWith("src/main.ts --bundle")
                .contains("--external:@penstock/plugin");
        String settled = Files.readString(folder.resolve("plugin.json"));
        assertThat(run("plugin", "build", folder.toString()).exitCode()).isEqualTo(ExitCode.OK);
        assertThat(folder.resolve("plugin.json")).hasContent(settled);
    }

    @Test
    void buildSaysWhatEsbuildSays() throws IOException {
        esbuild("echo 'no such module' >&2; exit 1\n");

        Outcome built = run("plugin", "build", folder.toString());

        assertThat(built.exitCode()).isEqualTo(ExitCode.FAILED);
        assertThat(built.err()).contains("no such module");
        assertThat(folder.resolve("plugin.json")).hasContent(MANIFEST);
    }

    @Test
    void testNamesWhatFailedAndWhere() throws IOException {
        Files.writeString(folder.resolve("plugin.json"), MANIFEST.replace("src/main.ts", "main.mjs"));
        Files.writeString(
                folder.resolve("main.mjs"),
                "export default {onRequest(req, ctx) { req.headers.set('x-word', ctx.config.word); }};\n");
        Files.createDirectories(folder.resolve("test"));
        Files.writeString(folder.resolve("test/hello.test.mjs"), """
                import assert from 'node:assert/strict';
                import { test } from 'node:test';
                import { host } from '@penstock/plugin-test';

                test('says its word', async () => {
                  const gw = await host('./plugin.json', { config: { word: 'hi' } });
                  assert.equal((await gw.request('GET /')).upstream.headers.get('x-word'), 'hi');
                });
                test('says another', async () => {
                  const gw = await host('./plugin.json', { config: { word: 'hi' } });
                  assert.equal((await gw.request('GET /')).upstream.headers.get('x-word'), 'ho');
                });
                """);

        Outcome tested = run("plugin", "test", folder.toString());

        assertThat(tested.exitCode()).as(tested.err()).isEqualTo(ExitCode.FAILED);
        assertThat(tested.out())
                .contains("ok      says its word")
                .contains("FAILED  says another (test/hello.test.mjs:11)")
                .contains("found \"hi\", wanted \"ho\"")
                .contains("2 tests, 1 failed");
    }
}
