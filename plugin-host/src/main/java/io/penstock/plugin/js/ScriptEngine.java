package io.penstock.plugin.js;

import java.io.OutputStream;
import java.util.Locale;
import java.util.Map;
import org.graalvm.polyglot.Context;
import org.graalvm.polyglot.Engine;
import org.graalvm.polyglot.EnvironmentAccess;
import org.graalvm.polyglot.HostAccess;
import org.graalvm.polyglot.PolyglotAccess;
import org.graalvm.polyglot.PolyglotException;
import org.graalvm.polyglot.ResourceLimits;
import org.graalvm.polyglot.SandboxPolicy;
import org.graalvm.polyglot.io.IOAccess;
import org.jspecify.annotations.Nullable;

/**
 * The one polyglot engine of the process, opened with the first plugin: a gateway without plugins pays nothing for them.
 * Contexts share its compiled code. Safe from any thread.
 */
public final class ScriptEngine implements AutoCloseable {
    private static final String INTERPRETER = "Interpreted";

    /**
     * What a script can call: members that are marked for it, and nothing else of any Java object. One instance, since
     * all contexts of an engine must use the same.
     */
    private static final HostAccess ACCESS =
            HostAccess.newBuilder(HostAccess.EXPLICIT).allowBufferAccess(true).build();

    /** Statements between two resets of the count: the fence behind the watchdog, far above what a hook may do. */
    private static final long STATEMENTS_MAX = 500_000_000;

    private @Nullable Engine engine;
    private @Nullable Prelude prelude;
    private ScriptMode mode = new ScriptMode(false, "not opened", "not opened");

    /** Makes one that opens at first use. */
    public ScriptEngine() {}

    /** How scripts run; {@code not opened} before the first use. */
    public synchronized ScriptMode mode() {
        return mode;
    }

    /** Whether the engine is open. */
    public synchronized boolean isOpen() {
        return engine != null;
    }

    /**
     * Makes a context in which nothing has run. Whoever gets it closes it.
     *
     * @param modules virtual modules beside the plugin's API, by the names they are imported by
     */
    Context newContext(ScriptPackage scripts, Map<String, byte[]> modules) {
        // Compatible with every policy above TRUSTED but for "disable-eval", which only TRUSTED allows and which is
        // worth more.
        return Context.newBuilder("js")
                .engine(opened())
                .sandbox(SandboxPolicy.TRUSTED)
                .allowAllAccess(false)
                .allowHostAccess(ACCESS)
                .allowPolyglotAccess(PolyglotAccess.NONE)
                .allowEnvironmentAccess(EnvironmentAccess.NONE)
                .allowHostClassLookup(ScriptEngine::isNoClass)
                .allowNativeAccess(false)
                .allowCreateThread(false)
                .allowCreateProcess(false)
                .allowIO(IOAccess.newBuilder()
                        .fileSystem(new PackageFileSystem(scripts, modules))
                        .build())
                .allowExperimentalOptions(true)
                .option("js.ecmascript-version", "2025")
                .option("js.esm-eval-returns-exports", "true")
                .option("js.text-encoding", "true")
                .option("js.disable-eval", "true")
                .option("js.shared-array-buffer", "false")
                .option("js.polyglot-builtin", "false")
                .option("js.graal-builtin", "false")
                .option("js.java-package-globals", "false")
                .option("js.load", "false")
                .option("js.print", "false")
                .option("js.console", "false")
                .option("js.unhandled-rejections", "none")
                .resourceLimits(ResourceLimits.newBuilder()
                        .statementLimit(STATEMENTS_MAX, null)
                        .build())
                .build();
    }

    /** The scripts that every context runs first. */
    synchronized Prelude prelude() {
        Prelude read = prelude;
        if (read == null) {
            read = Prelude.read();
            prelude = read;
        }
        return read;
    }

    private static boolean isNoClass(String name) {
        return false;
    }

    private synchronized Engine opened() {
        Engine open = engine;
        if (open == null) {
            open = open();
            engine = open;
        }
        return open;
    }

    private Engine open() {
        CompilerDirectives.apply();
        Engine made = builder().build();
        String name = made.getImplementationName();
        if (name.equals(INTERPRETER)) {
            mode = new ScriptMode(false, named(made), whyInterpreted());
            return made;
        }
        try {
            smoke(made);
            mode = new ScriptMode(true, named(made), "");
            return made;
        } catch (PolyglotException | AssertionError unfit) {
            // A compiler that does not fit this JVM shows itself only when something runs, and there is no way back to
            // the interpreter in this process.
            throw new IllegalStateException(
                    "the script compiler does not fit this JVM (" + named(made) + " on " + Runtime.version()
                            + "); start without its jars on --upgrade-module-path to run scripts interpreted",
                    unfit);
        }
    }

    private static Engine.Builder builder() {
        return Engine.newBuilder("js")
                .option("engine.WarnInterpreterOnly", "false")
                .out(OutputStream.nullOutputStream())
                .err(OutputStream.nullOutputStream())
                .allowExperimentalOptions(true);
    }

    private static void smoke(Engine made) {
        try (Context context =
                Context.newBuilder("js").engine(made).allowHostAccess(ACCESS).build()) {
            if (context.eval("js", "let n = 0; for (let i = 1; i <= 100; i++) n += i; n")
                            .asInt()
                    != 5050) {
                throw new IllegalStateException("a sum of numbers came out wrong");
            }
        }
    }

    private static String named(Engine made) {
        return made.getImplementationName() + " " + made.getVersion();
    }

    private static String whyInterpreted() {
        if (!System.getProperty("truffle.UseFallbackRuntime", "false").equals("false")) {
            return "asked for with -Dtruffle.UseFallbackRuntime";
        }
        boolean hasCompilerInterface =
                ModuleLayer.boot().findModule("jdk.internal.vm.ci").isPresent();
        boolean hasCompiler = ModuleLayer.boot()
                .findModule("jdk.graal.compiler")
                .filter(module -> module.getPackages().size() > 1)
                .isPresent();
        if (!hasCompilerInterface) {
            return "the JVM runs without -XX:+EnableJVMCI";
        }
        return hasCompiler
                ? String.format(Locale.ROOT, "the compiler's version does not fit Java %s", Runtime.version())
                : "the compiler's jars are not on --upgrade-module-path";
    }

    @Override
    public synchronized void close() {
        Engine open = engine;
        engine = null;
        if (open != null) {
            open.close(true);
        }
    }
}
