package io.penstock.admin.resource;

import io.penstock.admin.revision.PluginBindings;
import io.penstock.admin.revision.PluginVersions;
import io.penstock.admin.store.AuditEvent;
import io.penstock.admin.store.ConfigStore;
import io.penstock.admin.store.PluginRecord;
import io.penstock.admin.store.StoreRefused;
import io.penstock.config.ConfigProblem;
import io.penstock.config.PluginUse;
import io.penstock.config.ProxyConfig;
import io.penstock.spi.PluginLibrary;
import io.penstock.spi.PluginLibrary.PluginPackage;
import io.penstock.spi.PluginRefusedException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The versions of plugins that this gateway has: on the disk first, in what runs them when a configuration or a trial needs
 * them. A version never changes.
 *
 * <p>Any thread but a worker.
 */
public final class PluginRegistry implements PluginVersions, AutoCloseable {
    /** Versions of all plugins together. */
    static final int COUNT_MAX = 1_000;

    /** Bytes of all packages together. */
    static final long BYTES_MAX = 512L << 20;

    private final ConfigStore store;
    private final PluginPort port;
    private final Clock clock;
    private final ScriptThread scripts;
    private final Set<String> ready = ConcurrentHashMap.newKeySet();

    // Replaced as a whole under the lock.
    private volatile List<PluginRecord> all;

    private PluginRegistry(ConfigStore store, PluginPort port, Clock clock, List<PluginRecord> all) {
        this.store = store;
        this.port = port;
        this.clock = clock;
        this.all = sorted(all);
        this.scripts = new ScriptThread(port);
    }

    /** Reads what is stored; opens nothing of what runs it. */
    public static PluginRegistry open(ConfigStore store, PluginPort port, Clock clock) {
        return new PluginRegistry(store, port, clock, store.plugins().all());
    }

    private static List<PluginRecord> sorted(List<PluginRecord> records) {
        return records.stream()
                .sorted(Comparator.comparing(PluginRecord::name).thenComparing(PluginRecord::version, PluginUse.ORDER))
                .toList();
    }

    /** Who does something, for the record and the audit log. */
    public record Actor(String name, Optional<String> source, Optional<String> note) {}

    /** How storing a version ended well. */
    public sealed interface Stored {
        PluginRecord plugin();
    }

    /** It is new. */
    public record Added(PluginRecord plugin) implements Stored {}

    /** It was there already, with these bytes. */
    public record Present(PluginRecord plugin) implements Stored {}

    /** It would be stored. */
    public record Tried(PluginRecord plugin) implements Stored {}

    /** Every version, by name, older first. */
    List<PluginRecord> all() {
        return all;
    }

    Instant now() {
        return clock.instant();
    }

    /** A version by its name and number. */
    public Optional<PluginRecord> find(String name, String version) {
        return all.stream()
                .filter(plugin -> plugin.name().equals(name) && plugin.version().equals(version))
                .findFirst();
    }

    @Override
    public List<String> versionsOf(String name) {
        return all.stream()
                .filter(plugin -> plugin.name().equals(name))
                .map(PluginRecord::version)
                .toList();
    }

    /** The package of a version, as it was stored. */
    Optional<byte[]> content(String name, String version) {
        return store.plugins().content(name, version);
    }

    /** How scripts run here. */
    String mode() {
        return port.mode();
    }

    /** What is observed of the versions that are loaded; nothing is opened for it. */
    List<PluginLibrary.PluginStatus> status() {
        return port.opened().map(PluginLibrary::status).orElse(List.of());
    }

    List<PluginLibrary.PluginLogLine> log(String name, int linesMax) {
        return port.opened().map(library -> library.log(name, linesMax)).orElse(List.of());
    }

    /** Ends a quarantine; false if the version is in none. */
    boolean release(String name, String version) {
        return port.opened().map(library -> library.release(name, version)).orElse(false);
    }

    /**
     * Checks a package and stores it for good, unless that version is there already.
     *
     * @throws PluginRefusedException with every fault of the package
     * @throws ApiProblem if the version is there with other content, or there are too many
     */
    public Stored put(String name, String version, byte[] zip, Actor actor, boolean dryRun)
            throws PluginRefusedException {
        Optional<PluginRecord> present = find(name, version);
        String sha256 = sha256(zip);
        if (present.isPresent()) {
            return new Present(sameContent(present.get(), sha256));
        }
        requireRoom(zip.length);
        PluginPackage checked = scripts.run(library -> library.check(zip));
        requireNamed(checked, name, version);
        PluginRecord plugin = new PluginRecord(
                name,
                version,
                sha256,
                zip.length,
                checked.manifest(),
                checked.hooks(),
                checked.warnings(),
                clock.instant().truncatedTo(ChronoUnit.MILLIS),
                actor.name(),
                actor.note());
        if (dryRun) {
            store.audit().append(event(actor, "plugin.put", plugin, AuditEvent.Outcome.DRY_RUN));
            return new Tried(plugin);
        }
        return store(plugin, zip, actor);
    }

    private synchronized Stored store(PluginRecord plugin, byte[] zip, Actor actor) {
        requireRoom(zip.length);
        Optional<PluginRecord> meanwhile =
                store.plugins().put(plugin, zip, event(actor, "plugin.put", plugin, AuditEvent.Outcome.APPLIED));
        if (meanwhile.isPresent()) {
            return new Present(sameContent(meanwhile.get(), plugin.sha256()));
        }
        List<PluginRecord> next = new ArrayList<>(all);
        next.add(plugin);
        all = sorted(next);
        return new Added(plugin);
    }

    private static PluginRecord sameContent(PluginRecord present, String sha256) {
        if (!present.sha256().equals(sha256)) {
            throw ApiProblem.of(
                    409,
                    "version-exists",
                    "Plugin " + present.id() + " is stored with other content, and a version never changes",
                    "give the package the next version; what is stored has sha256 " + present.sha256());
        }
        return present;
    }

    private void requireRoom(long bytes) {
        List<PluginRecord> present = all;
        long held = present.stream().mapToLong(PluginRecord::bytes).sum();
        if (present.size() >= COUNT_MAX || held + bytes > BYTES_MAX) {
            throw ApiProblem.of(
                    409,
                    "too-many-plugins",
                    "There are " + present.size() + " versions of plugins with " + held + " bytes; at most " + COUNT_MAX
                            + " with " + BYTES_MAX + " are kept",
                    "delete versions that no kept revision names");
        }
    }

    private static void requireNamed(PluginPackage checked, String name, String version) throws PluginRefusedException {
        List<PluginRefusedException.Fault> faults = new ArrayList<>();
        if (!checked.name().equals(name)) {
            faults.add(otherName("name", checked.name(), name));
        }
        if (!checked.version().equals(version)) {
            faults.add(otherName("version", checked.version(), version));
        }
        if (!faults.isEmpty()) {
            throw new PluginRefusedException(faults);
        }
    }

    private static PluginRefusedException.Fault otherName(String member, String found, String wanted) {
        return new PluginRefusedException.Fault(
                "plugin.json#/" + member,
                "bad-value",
                "found \"" + found + "\", and the path says \"" + wanted + "\"",
                Optional.empty());
    }

    /**
     * Removes a version.
     *
     * @return the newest kept revision that names it: nothing was removed then
     */
    synchronized Optional<Long> remove(PluginRecord plugin, Actor actor) {
        Optional<Long> named = store.plugins()
                .remove(
                        plugin.name(),
                        plugin.version(),
                        event(actor, "plugin.delete", plugin, AuditEvent.Outcome.APPLIED));
        if (named.isEmpty()) {
            all = all.stream().filter(each -> !each.id().equals(plugin.id())).toList();
            ready.remove(plugin.id());
            port.opened().ifPresent(library -> library.remove(plugin.name(), plugin.version()));
        }
        return named;
    }

    @Override
    public Optional<String> makeReady(String name, String version) {
        Optional<PluginRecord> plugin = find(name, version);
        if (plugin.isEmpty()) {
            return Optional.of("plugin " + name + "@" + version + " is not stored");
        }
        if (ready.contains(plugin.get().id())) {
            return Optional.empty();
        }
        try {
            load(plugin.get());
            return Optional.empty();
        } catch (StoreRefused unreadable) {
            return Optional.of(unreadable.problem().text());
        } catch (IllegalArgumentException unfit) {
            return Optional.of("plugin " + plugin.get().id() + " cannot be loaded: " + unfit.getMessage());
        }
    }

    @Override
    public List<String> requires(String name, String version) {
        return find(name, version)
                .map(plugin -> JsonText.parse(plugin.manifest())
                        .path("requires")
                        .valueStream()
                        .map(variable -> variable.asString(""))
                        .toList())
                .orElse(List.of());
    }

    private synchronized void load(PluginRecord plugin) {
        if (!ready.contains(plugin.id())) {
            byte[] zip = content(plugin.name(), plugin.version())
                    .orElseThrow(() -> new IllegalArgumentException("it is not stored any more"));
            port.open()
                    .add(new PluginPackage(
                            plugin.name(),
                            plugin.version(),
                            plugin.sha256(),
                            zip,
                            plugin.manifest(),
                            plugin.hooks(),
                            plugin.warnings()));
            ready.add(plugin.id());
        }
    }

    /** Runs one hook of a stored version in the real host, beside the traffic. */
    PluginLibrary.PluginTrial test(PluginLibrary.PluginTrialRequest request) throws PluginRefusedException {
        Optional<String> why = makeReady(request.name(), request.version());
        if (why.isPresent()) {
            throw ApiProblem.of(503, "plugin-not-ready", why.get());
        }
        return scripts.run(library -> library.test(request));
    }

    /** Why these versions are not here as a document says. */
    public List<Fault> absent(List<DocumentPlugin> wanted) {
        List<Fault> faults = new ArrayList<>();
        for (DocumentPlugin plugin : wanted) {
            Optional<PluginRecord> present = find(plugin.name(), plugin.version());
            if (present.isEmpty()) {
                faults.add(Fault.of(
                        plugin.pointer(),
                        ConfigProblem.UNKNOWN_REFERENCE,
                        "plugin " + plugin.id() + " is not stored here",
                        "store it first: penstock plugin push, or let penstock apply do it with package: {dir: PATH}"));
            } else if (plugin.sha256()
                    .filter(sha256 -> !sha256.equals(present.get().sha256()))
                    .isPresent()) {
                faults.add(Fault.of(
                        plugin.pointer() + "/sha256",
                        ConfigProblem.BAD_VALUE,
                        "plugin " + plugin.id() + " is stored here with sha256 "
                                + present.get().sha256()));
            }
        }
        return faults;
    }

    /** The stored versions that a configuration names, by their hashes. */
    List<DocumentPlugin> named(ProxyConfig config) {
        Set<String> ids = new TreeSet<>();
        for (PluginBindings.Binding binding : PluginBindings.of(config)) {
            id(binding.entry().use(), binding.entry().resolved()).ifPresent(ids::add);
            binding.entry()
                    .canary()
                    .ifPresent(canary -> id(canary.use(), canary.resolved()).ifPresent(ids::add));
        }
        return all.stream()
                .filter(plugin -> ids.contains(plugin.id()))
                .map(plugin -> new DocumentPlugin(
                        plugin.name(), plugin.version(), Optional.of(plugin.sha256()), Optional.empty(), ""))
                .toList();
    }

    private static Optional<String> id(String use, Optional<String> resolved) {
        return PluginUse.parse(use).flatMap(parsed -> resolved.map(version -> parsed.name() + "@" + version));
    }

    AuditEvent event(Actor actor, String action, PluginRecord plugin, AuditEvent.Outcome outcome) {
        return new AuditEvent(
                clock.instant(),
                actor.name(),
                actor.source(),
                action,
                "/plugins/" + plugin.name() + "/versions/" + plugin.version(),
                outcome,
                Optional.empty(),
                actor.note(),
                Optional.of("sha256 " + plugin.sha256()),
                Optional.empty());
    }

    /** Puts a line about a version into the audit log. */
    void audit(AuditEvent event) {
        store.audit().append(event).toCompletableFuture().join();
    }

    /** What names a package: the hash of its bytes, lower-case hex. */
    public static String sha256(byte[] content) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
        } catch (NoSuchAlgorithmException missing) {
            throw new IllegalStateException("Every Java platform must have SHA-256", missing);
        }
    }

    @Override
    public void close() {
        scripts.close();
    }
}
