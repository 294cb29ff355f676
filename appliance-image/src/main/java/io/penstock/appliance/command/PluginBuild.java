package io.penstock.appliance.command;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Makes one ES module of a plugin's sources and the npm packages they import, with a source map, by the author's own
 * esbuild, and has the manifest name both.
 */
final class PluginBuild {
    /** Where the bundle goes, beside the manifest. */
    static final String OUT = "dist/main.mjs";

    private static final String MAP = OUT + ".map";
    private static final String MANIFEST = "plugin.json";
    private static final int SECONDS_MAX = 300;
    private static final List<String> ENTRIES = List.of(
            "src/main.ts",
            "src/index.ts",
            "main.ts",
            "index.ts",
            "src/main.mjs",
            "src/index.mjs",
            "src/main.js",
            "src/index.js",
            "main.mjs",
            "index.mjs",
            "main.js");

    private final Path folder;

    /** What was made. */
    record Built(String entry, long bytes) {}

    PluginBuild(Path folder) {
        this.folder = folder;
    }

    /** Whether a manifest names what {@code build} makes. */
    static boolean isBuilt(String entry) {
        return entry.startsWith("dist/");
    }

    /**
     * Bundles.
     *
     * @param wanted the source to begin with, if not found by its name
     * @throws CommandFailure if there is no esbuild, or it refuses the sources
     */
    Built build(Optional<String> wanted) {
        String manifest = manifest();
        String entry = wanted.orElseGet(() -> entry(manifest));
        if (!Files.isRegularFile(folder.resolve(entry))) {
            throw new CommandFailure(ExitCode.USAGE, folder.resolve(entry) + " does not exist; name it with --entry");
        }
        run(List.of(
                esbuild().toString(),
                entry,
                "--bundle",
                "--outfile=" + OUT,
                "--format=esm",
                // Neither Node's modules nor a page's: what packages bring for workers fits the gateway's platform.
                "--platform=neutral",
                "--main-fields=module,main",
                "--conditions=worker",
                "--external:@penstock/plugin",
                "--target=es2023",
                "--charset=utf8",
                "--sourcemap=linked",
                "--sources-content=false",
                "--log-level=warning",
                "--color=false"));
        rewrite(manifest);
        try {
            return new Built(entry, Files.size(folder.resolve(OUT)));
        } catch (IOException missing) {
            throw new CommandFailure(ExitCode.FAILED, "esbuild has left no " + OUT + ": " + missing.getMessage());
        }
    }

    private String manifest() {
        try {
            return Files.readString(folder.resolve(MANIFEST));
        } catch (IOException missing) {
            throw new CommandFailure(ExitCode.USAGE, "folder " + folder + " has no " + MANIFEST);
        }
    }

    private String entry(String manifest) {
        String named = member(manifest, "entry");
        if (!named.isEmpty() && !isBuilt(named)) {
            return named;
        }
        return ENTRIES.stream()
                .filter(path -> Files.isRegularFile(folder.resolve(path)))
                .findFirst()
                .orElseThrow(() -> new CommandFailure(
                        ExitCode.USAGE,
                        "folder " + folder + " has none of " + String.join(", ", ENTRIES)
                                + "; name the source with --entry"));
    }

    private String member(String manifest, String name) {
        try {
            JsonNode node = JsonMapper.shared().readTree(manifest);
            return node.path(name).asString("");
        } catch (JacksonException noJson) {
            throw new CommandFailure(
                    ExitCode.FAILED, folder.resolve(MANIFEST) + " is no JSON: " + noJson.getOriginalMessage());
        }
    }

    // The project's own before any other, as npm itself would look: in the folder, and in those above it.
    private Path esbuild() {
        for (Path at = folder.toAbsolutePath().normalize(); at != null; at = at.getParent()) {
            Path own = at.resolve("node_modules/.bin/esbuild");
            if (Files.isExecutable(own)) {
                return own;
            }
        }
        return Pattern.compile(File.pathSeparator, Pattern.LITERAL)
                .splitAsStream(Optional.ofNullable(System.getenv("PATH")).orElse(""))
                .filter(path -> !path.isEmpty())
                .map(path -> Path.of(path, "esbuild"))
                .filter(Files::isExecutable)
                .findFirst()
                .orElseThrow(() -> new CommandFailure(
                        ExitCode.FAILED,
                        "esbuild is neither in " + folder + "/node_modules nor on the PATH. Run, in " + folder
                                + ":\n  npm install --save-dev esbuild"));
    }

    private void run(List<String> command) {
        try {
            Process process = new ProcessBuilder(command)
                    .directory(folder.toFile())
                    .redirectErrorStream(true)
                    .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
                    .start();
            String said;
            try (InputStream out = process.getInputStream()) {
                said = new String(out.readAllBytes(), StandardCharsets.UTF_8);
            }
            if (!process.waitFor(SECONDS_MAX, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new CommandFailure(ExitCode.FAILED, "esbuild has not ended after " + SECONDS_MAX + " s");
            }
            if (process.exitValue() != 0) {
                throw new CommandFailure(
                        ExitCode.FAILED, PlainText.of("esbuild refused the sources:\n" + said.strip()));
            }
        } catch (IOException failed) {
            throw new CommandFailure(ExitCode.FAILED, command.getFirst() + " cannot be run: " + failed.getMessage());
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
            throw new CommandFailure(ExitCode.FAILED, "stopped while esbuild ran");
        }
    }

    // As text, so that the author's own layout of the manifest stays.
    private void rewrite(String manifest) {
        if (member(manifest, "entry").equals(OUT)
                && member(manifest, "sourceMap").equals(MAP)) {
            return;
        }
        String changed = replaced(manifest, "entry", OUT);
        changed = member(manifest, "sourceMap").isEmpty()
                ? Pattern.compile("(\\s*)(\"entry\"\\s*:\\s*\"[^\"]*\")")
                        .matcher(changed)
                        .replaceFirst("$1$2,$1\"sourceMap\": \"" + MAP + "\"")
                : replaced(changed, "sourceMap", MAP);
        if (!member(changed, "entry").equals(OUT)
                || !member(changed, "sourceMap").equals(MAP)) {
            throw new CommandFailure(
                    ExitCode.FAILED,
                    folder.resolve(MANIFEST) + ": write \"entry\": \"" + OUT + "\" and \"sourceMap\": \"" + MAP + "\"");
        }
        try {
            Files.writeString(folder.resolve(MANIFEST), changed);
        } catch (IOException failed) {
            throw FileTrouble.unwritten(folder.resolve(MANIFEST), failed);
        }
    }

    private static String replaced(String manifest, String name, String value) {
        return Pattern.compile("(\"" + name + "\"\\s*:\\s*)\"[^\"]*\"")
                .matcher(manifest)
                .replaceFirst("$1" + Matcher.quoteReplacement("\"" + value + "\""));
    }
}
