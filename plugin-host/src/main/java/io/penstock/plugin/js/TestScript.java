package io.penstock.plugin.js;

import io.penstock.mark.WorkerConfined;
import io.penstock.plugin.bridge.HostRealm;
import io.penstock.plugin.bridge.HostTests;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.graalvm.polyglot.Context;
import org.graalvm.polyglot.PolyglotException;
import org.graalvm.polyglot.Source;
import org.graalvm.polyglot.proxy.ProxyExecutable;

/** The context that a file of tests runs in: the platform of plugins, and the modules that tests import. */
@WorkerConfined
public final class TestScript implements AutoCloseable {
    private static final String BRIDGE = "penstockTests";
    // A module that waits for something is done later, so the file is imported, and not evaluated.
    private static final String LOADER = """
            (async (path, done, described) => {
              try {
                const { run } = await import('node:test');
                await import(path);
                await run();
                done('');
              } catch (error) {
                done(described(error));
              }
            })
            """;
    private static final Map<String, String> FILES = Map.of(
            "@penstock/bridge", "bridge.js",
            "@penstock/gateway", "test/gateway.js",
            "@penstock/plugin-test", "host.js",
            "node:test", "node-test.js",
            "node:assert", "node-assert.js",
            "node:assert/strict", "node-assert.js");

    private final Context context;
    private final ScriptPackage files;

    private TestScript(Context context, ScriptPackage files) {
        this.context = context;
        this.files = files;
    }

    /** Makes a context in which the platform has run, and nothing else. */
    public static TestScript open(ScriptEngine engine, ScriptPackage files) {
        Map<String, byte[]> modules = new java.util.HashMap<>();
        FILES.forEach((name, file) -> modules.put(name, read(file)));
        return new TestScript(engine.newContext(files, modules), files);
    }

    private static byte[] read(String file) {
        String path = "/io/penstock/plugin/kit/" + file;
        try (InputStream in = Objects.requireNonNull(TestScript.class.getResourceAsStream(path), path)) {
            return in.readAllBytes();
        } catch (IOException broken) {
            throw new UncheckedIOException(broken);
        }
    }

    /**
     * Runs the file's tests, which may end later.
     *
     * @param done hears an empty text, or why they could not be run
     * @throws PolyglotException if the context is stopped
     */
    public void run(ScriptEngine engine, HostRealm host, HostTests tests, Consumer<String> done) {
        org.graalvm.polyglot.Value realm = engine.prelude().run(context, host, files.id());
        context.getBindings("js").putMember(BRIDGE, tests);
        ProxyExecutable listener = arguments -> {
            done.accept(arguments[0].asString());
            return null;
        };
        Source loader = Source.newBuilder("js", LOADER, Prelude.PREFIX + "tests")
                .internal(true)
                .buildLiteral();
        context.eval(loader)
                .executeVoid(PackageFileSystem.ROOT + files.entry(), listener, realm.getMember("described"));
    }

    /** Where a stack begins in the author's files, such as {@code test/a.test.mjs:12}; empty if it does not. */
    public static String place(String stack) {
        int from = 0;
        while (true) {
            int at = stack.indexOf(PackageFileSystem.ROOT, from);
            if (at < 0) {
                return "";
            }
            int start = at + PackageFileSystem.ROOT.length();
            int end = start;
            while (end < stack.length() && "()\n ".indexOf(stack.charAt(end)) < 0) {
                end++;
            }
            String found = stack.substring(start, end);
            int column = found.lastIndexOf(':');
            if (column > 0 && found.lastIndexOf(':', column - 1) > 0) {
                return found.substring(0, column);
            }
            from = end;
        }
    }

    /** Gives the statement count a new start. Not while the script runs. */
    public void resetStatements() {
        context.resetLimits();
    }

    @Override
    public void close() {
        context.close(true);
    }
}
