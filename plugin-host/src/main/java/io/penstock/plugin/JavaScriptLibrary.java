package io.penstock.plugin;

import io.penstock.plugin.js.Hook;
import io.penstock.plugin.js.ScriptRefusedException;
import io.penstock.plugin.kv.SharedStore;
import io.penstock.spi.PluginLibrary;
import io.penstock.spi.PluginRefusedException;
import io.penstock.spi.PluginRefusedException.Fault;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * The plugins of this gateway, in memory: who uploads them keeps them. Nothing of the script engine is opened before the
 * first package is checked or used.
 */
public final class JavaScriptLibrary implements PluginLibrary, AutoCloseable {
    private final ScriptRuntime runtime;
    private final Map<String, PluginVersion> versions = new ConcurrentHashMap<>();
    private final Map<String, PluginLog> logs = new ConcurrentHashMap<>();

    /** Makes an empty library. */
    public JavaScriptLibrary(ScriptOptions options) {
        this.runtime = new ScriptRuntime(options);
    }

    /** The filters that the plugins are. */
    public JavaScriptFilters filters() {
        return new JavaScriptFilters(this);
    }

    ScriptRuntime runtime() {
        return runtime;
    }

    @Override
    public String mode() {
        return runtime.engine().isOpen() ? runtime.mode().toString() : "not opened";
    }

    @Override
    public PluginPackage check(byte[] zip) throws PluginRefusedException {
        PackageReading reading = PackageReading.of(zip);
        Set<Hook> hooks = compile(reading);
        List<String> names = new ArrayList<>();
        hooks.forEach(hook -> names.add(hook.member()));
        return new PluginPackage(
                reading.manifest().name(),
                reading.manifest().version(),
                reading.sha256(),
                zip,
                reading.manifestText(),
                names,
                warnings(reading.manifest(), hooks));
    }

    // Runs the module once, in a context that nobody else sees.
    private Set<Hook> compile(PackageReading reading) throws PluginRefusedException {
        PluginVersion version = version(reading, Set.of());
        try {
            LiveContext context = LiveContext.open(runtime, version, null, ScriptClock.SYSTEM, broken -> {});
            Set<Hook> hooks = context.script().hooks();
            context.dispose();
            if (hooks.isEmpty()) {
                throw refused(reading.manifest().entry(), "no-hooks", "the default export has none of the hooks");
            }
            List<Fault> faults = SelfTest.run(runtime, version(reading, hooks));
            if (!faults.isEmpty()) {
                throw new PluginRefusedException(faults);
            }
            return hooks;
        } catch (ScriptRefusedException refused) {
            throw refused(reading.manifest().entry(), "bad-module", String.valueOf(refused.getMessage()));
        }
    }

    private static PluginRefusedException refused(String where, String code, String detail) {
        return new PluginRefusedException(List.of(new Fault(where, code, detail, Optional.empty())));
    }

    private static List<String> warnings(Manifest manifest, Set<Hook> hooks) {
        List<String> warnings = new ArrayList<>();
        if (hooks.equals(EnumSet.of(Hook.SETUP))) {
            warnings.add("the plugin has setup and no other hook: it will never see a request");
        }
        if (manifest.configSchema().isEmpty()) {
            warnings.add("without configSchema any settings are accepted, and misspelt ones are not noticed");
        }
        return warnings;
    }

    private PluginVersion version(PackageReading reading, Set<Hook> hooks) {
        return new PluginVersion(
                reading.manifest(),
                reading.sha256(),
                reading.scripts(),
                reading.schema(),
                reading.stacks(),
                hooks,
                logs.computeIfAbsent(reading.manifest().name(), name -> new PluginLog(System::currentTimeMillis)));
    }

    @Override
    public void add(PluginPackage plugin) {
        String id = plugin.name() + "@" + plugin.version();
        PluginVersion known = versions.get(id);
        if (known != null) {
            if (!known.sha256().equals(plugin.sha256())) {
                throw new IllegalArgumentException(
                        "plugin " + id + " is known with other content; a version never changes");
            }
            return;
        }
        Set<Hook> hooks = EnumSet.noneOf(Hook.class);
        plugin.hooks().forEach(name -> Hook.of(name).ifPresent(hooks::add));
        try {
            versions.putIfAbsent(id, version(PackageReading.of(plugin.zip()), hooks));
        } catch (PluginRefusedException unchecked) {
            throw new IllegalArgumentException("plugin " + id + " was not checked", unchecked);
        }
    }

    @Override
    public void remove(String name, String version) {
        versions.remove(name + "@" + version);
    }

    @Override
    public Optional<String> resolve(String name, String range) {
        return versionsOf(name).stream()
                .map(SemVer::parse)
                .filter(version -> version.isIn(range))
                .max(Comparator.naturalOrder())
                .map(SemVer::text);
    }

    List<String> versionsOf(String name) {
        return versions.values().stream()
                .map(PluginVersion::manifest)
                .filter(manifest -> manifest.name().equals(name))
                .map(Manifest::version)
                .sorted(Comparator.comparing(SemVer::parse))
                .toList();
    }

    @Nullable
    PluginVersion find(String name, String version) {
        return versions.get(name + "@" + version);
    }

    private List<PluginVersion> sorted() {
        return versions.values().stream()
                .sorted(Comparator.comparing(
                                (PluginVersion version) -> version.manifest().name())
                        .thenComparing(
                                version -> SemVer.parse(version.manifest().version())))
                .toList();
    }

    @Override
    public List<PluginStatus> status() {
        List<PluginStatus> all = new ArrayList<>();
        for (PluginVersion version : sorted()) {
            String state = version.quarantine().isActive()
                    ? "quarantined"
                    : version.contexts().get() > 0 ? "serving" : "idle";
            all.add(new PluginStatus(
                    version.manifest().name(),
                    version.manifest().version(),
                    state,
                    version.faults(),
                    version.quarantine().strikes(System.nanoTime()),
                    Optional.of(version.lastFault()).filter(text -> !text.isEmpty()),
                    costs(version),
                    version.contexts().get(),
                    version.quarantine().state().map(begun -> new Quarantined(begun.sinceMs(), begun.reason()))));
        }
        return all;
    }

    private static Times times(Histogram all) {
        return new Times(
                all.getValueAtPercentile(50),
                all.getValueAtPercentile(90),
                all.getValueAtPercentile(99),
                all.getMaxValue());
    }

    private static List<HookCost> costs(PluginVersion version) {
        List<HookCost> costs = new ArrayList<>();
        for (Hook hook : version.hooks().stream().sorted().toList()) {
            Histogram inside = version.inside(hook);
            Histogram later = version.later(hook);
            Histogram waiting = version.waiting(hook);
            if (inside.getTotalCount() > 0 || version.failures(hook) > 0) {
                costs.add(new HookCost(
                        hook.member(),
                        inside.getTotalCount(),
                        version.failures(hook),
                        times(inside),
                        later.getTotalCount(),
                        times(later),
                        waiting.getTotalCount(),
                        times(waiting)));
            }
        }
        return costs;
    }

    @Override
    public PluginTrial test(PluginTrialRequest request) throws PluginRefusedException {
        PluginVersion version = find(request.name(), request.version());
        if (version == null) {
            throw refused("", "unknown-plugin", "plugin " + request.name() + "@" + request.version() + " is not known");
        }
        Hook hook = Hook.of(request.hook())
                .filter(wanted -> wanted != Hook.SETUP && version.hooks().contains(wanted))
                .orElseThrow(
                        () -> refused("/hook", "no-such-hook", "the plugin has no hook \"" + request.hook() + "\""));
        List<Fault> faults = new ArrayList<>();
        Settings config =
                version.schema().apply(request.config(), runtime.options().secrets(), faults);
        if (!faults.isEmpty()) {
            throw new PluginRefusedException(faults);
        }
        try (Trial trial = new Trial(runtime, version, config)) {
            return trial.run(hook, request);
        } catch (ScriptRefusedException refused) {
            throw refused("/config", "bad-setup", String.valueOf(refused.getMessage()));
        } catch (IllegalArgumentException badSample) {
            throw refused("", "bad-sample", String.valueOf(badSample.getMessage()));
        }
    }

    @Override
    public boolean release(String name, String version) {
        PluginVersion known = find(name, version);
        return known != null && known.quarantine().release();
    }

    @Override
    public List<PluginLogLine> log(String name, int linesMax) {
        PluginLog log = logs.get(name);
        return log == null ? List.of() : log.last(linesMax);
    }

    /** Closes the store of all plugins, which another process is to have. Waits for it. */
    public void leaveStore() {
        runtime.store().ifPresent(SharedStore::leave);
    }

    /** The store of all plugins is this process's. Waits until it is open, if any plugin wants it. */
    public void takeStore() {
        runtime.store().ifPresent(SharedStore::comeBack);
    }

    /**
     * Writes all entries of all plugins into a file that is there, as of one moment. Opens the store if nobody has yet.
     *
     * @throws IOException if it cannot be opened or copied
     */
    public void copyStore(Path to) throws IOException {
        SharedStore store = runtime.store().orElseThrow(() -> new IOException("plugins have no store here"));
        store.openAndCopyTo(to);
    }

    @Override
    public void metrics(StringBuilder into) {
        PluginMetricsText.write(sorted(), runtime.store(), into);
    }

    @Override
    public void close() {
        runtime.close();
    }
}
