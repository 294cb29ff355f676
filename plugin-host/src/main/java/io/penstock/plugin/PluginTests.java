package io.penstock.plugin;

import io.penstock.spi.PluginLibrary.PluginPackage;
import io.penstock.spi.PluginRefusedException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/**
 * Runs the tests that a plugin's author wrote for {@code node --test} in the host that gateways have: the plugin under its
 * budgets, its permissions and its schema, with {@code @penstock/plugin-test} over the real hooks.
 */
public final class PluginTests {
    private static final Pattern FILE = Pattern.compile("(.*/)?test/[^/]+\\.m?js|.*\\.test\\.m?js");
    // A test's first call meets cold code, and no test is to fail by the load of the machine it runs on.
    private static final ScriptOptions OPTIONS =
            new ScriptOptions(10_000, 30_000, 0, 10_000, 3_600_000, Optional.empty(), name -> Optional.empty());

    /** What came of a test. */
    public enum Outcome {
        PASSED,
        FAILED,
        SKIPPED
    }

    /**
     * One test.
     *
     * @param file its file, relative to the plugin's folder
     * @param name its name, with those of the suites around it first; empty for what the file did outside of tests
     * @param outcome what came of it
     * @param message why it failed, else empty
     * @param place file and line of the failure, such as {@code test/main.test.mjs:12}
     */
    public record Result(String file, List<String> name, Outcome outcome, String message, String place) {
        public Result {
            name = List.copyOf(name);
        }
    }

    private PluginTests() {}

    /** The files of tests among a folder's files. */
    public static List<String> filesOf(Map<String, byte[]> folder) {
        return new TreeMap<>(folder)
                .keySet().stream().filter(path -> FILE.matcher(path).matches()).toList();
    }

    /**
     * Runs all tests of a plugin's folder, on this thread.
     *
     * @param folder the folder's files by their paths, the tests among them
     * @param zip the package of the plugin
     * @param results hears of each test as it ends
     * @param console takes lines that tests write
     * @throws PluginRefusedException if the package itself is refused
     */
    public static void run(Map<String, byte[]> folder, byte[] zip, Consumer<Result> results, Consumer<String> console)
            throws PluginRefusedException {
        try (JavaScriptLibrary library = new JavaScriptLibrary(OPTIONS)) {
            PluginPackage checked = library.check(zip);
            library.add(checked);
            PluginVersion version = library.find(checked.name(), checked.version());
            if (version == null) {
                throw new IllegalStateException("plugin " + checked.name() + " was added and is not there");
            }
            for (String file : filesOf(folder)) {
                new TestFile(library.runtime(), version, folder, file, results).run(console);
            }
        }
    }
}
