package io.penstock.plugin.js;

import io.penstock.mark.WorkerConfined;
import io.penstock.plugin.bridge.HostRealm;
import io.penstock.plugin.budget.Stoppable;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import org.graalvm.polyglot.Context;
import org.graalvm.polyglot.PolyglotException;
import org.graalvm.polyglot.Source;
import org.graalvm.polyglot.Value;
import org.graalvm.polyglot.proxy.ProxyExecutable;
import org.jspecify.annotations.Nullable;

/**
 * One context of one version: its module, and for each binding the hooks ready to be called. Made on a preparation thread
 * and then handed to one worker, which alone enters it; only {@link #stop} may be called by others.
 */
@WorkerConfined
public final class ScriptContext implements Stoppable {
    private final Context context;
    private final ScriptPackage scripts;
    private final HostRealm host;
    private final Prelude prelude;
    private final List<Value> bindings = new ArrayList<>();
    private @Nullable Value realm;
    private @Nullable Value module;
    private Set<Hook> hooks = Set.of();
    private volatile long allocatedBytes;

    private ScriptContext(Context context, ScriptPackage scripts, HostRealm host, Prelude prelude) {
        this.context = context;
        this.scripts = scripts;
        this.host = host;
        this.prelude = prelude;
    }

    /** Makes a context in which nothing of the plugin has run. */
    public static ScriptContext open(ScriptEngine engine, ScriptPackage scripts, HostRealm host) {
        return new ScriptContext(engine.newContext(scripts, Map.of()), scripts, host, engine.prelude());
    }

    /**
     * Runs the prelude and the module.
     *
     * @throws ScriptRefusedException if the module is no plugin
     * @throws PolyglotException if it throws or is stopped
     */
    public void load() throws ScriptRefusedException {
        Value made = prelude.run(context, host, scripts.id());
        realm = made;
        Source loader = Source.newBuilder(
                        "js",
                        "import * as module from '" + PackageFileSystem.ROOT + scripts.entry()
                                + "';\nexport default module;",
                        Prelude.PREFIX + "load")
                .mimeType("application/javascript+module")
                .internal(true)
                .buildLiteral();
        Value namespace = context.eval(loader).getMember("default");
        module = namespace;
        Value found = made.getMember("inspect").execute(namespace);
        String fault = found.getMember("fault").asString();
        if (!fault.isEmpty()) {
            throw new ScriptRefusedException(fault);
        }
        Set<Hook> present = EnumSet.noneOf(Hook.class);
        Value names = found.getMember("hooks");
        for (long i = 0; i < names.getArraySize(); i++) {
            Hook.of(names.getArrayElement(i).asString()).ifPresent(present::add);
        }
        hooks = present;
    }

    /** The hooks the module has. */
    public Set<Hook> hooks() {
        return hooks;
    }

    /** What the context has beside its hooks. */
    public HostRealm host() {
        return host;
    }

    /**
     * Adds a binding.
     *
     * @param config its settings as JSON text
     * @return its index
     */
    public int bind(String config) {
        int index = bindings.size();
        bindings.add(member("bind").execute(Objects.requireNonNull(module), index, config));
        return index;
    }

    /**
     * Runs a binding's setup, which may end later.
     *
     * @param done hears an empty text, or what went wrong
     */
    public void setup(int binding, Consumer<String> done) {
        if (!hooks.contains(Hook.SETUP)) {
            done.accept("");
            return;
        }
        ProxyExecutable listener = arguments -> {
            done.accept(arguments[0].asString());
            return null;
        };
        member("setup").executeVoid(bindings.get(binding), listener);
    }

    /** The function that calls a hook of a binding: takes a call, gives an outcome. */
    public Value entry(int binding, Hook hook) {
        return member("entry").execute(bindings.get(binding), hook.member());
    }

    /** A function as of {@link #entry} that answers, each time in another way. */
    public Value drill() {
        return member("drill");
    }

    private Value member(String name) {
        return Objects.requireNonNull(realm, "not loaded").getMember(name);
    }

    /** Gives the statement count a new start. Not while the script runs. */
    public void resetStatements() {
        context.resetLimits();
    }

    @Override
    public void stop() {
        context.close(true);
    }

    @Override
    @SuppressWarnings("NonAtomicVolatileUpdate") // One writer.
    public void allocated(long bytes) {
        allocatedBytes += bytes;
    }

    /** About how much it has allocated. Any thread. */
    public long allocatedBytes() {
        return allocatedBytes;
    }
}
