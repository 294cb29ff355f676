package io.penstock.appliance;

import io.penstock.admin.resource.PluginPort;
import io.penstock.admin.revision.PluginVersions;
import io.penstock.admin.secret.SecretSource;
import io.penstock.config.FilterConfig;
import io.penstock.config.PluginFilterConfig;
import io.penstock.config.PluginUse;
import io.penstock.plugin.JavaScriptFilters;
import io.penstock.plugin.JavaScriptLibrary;
import io.penstock.plugin.ScriptOptions;
import io.penstock.plugin.kv.SharedStore;
import io.penstock.plugin.kv.StoreOptions;
import io.penstock.spi.FilterProvider;
import io.penstock.spi.FilterRefusedException;
import io.penstock.spi.PluginLibrary;
import io.penstock.spi.PreparedFilter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What runs plugins, between the engine that wants filters and the registry that has the packages; opened with the first
 * plugin. Safe from any thread; the filters are the engine's control thread's.
 */
final class Plugins implements PluginPort, FilterProvider, AutoCloseable {
    private final ScriptOptions options;

    // Written once, before the first configuration is prepared.
    private volatile @Nullable PluginVersions stored;
    private volatile @Nullable SecretSource secrets;

    private volatile @Nullable JavaScriptLibrary library;
    private boolean isClosed;
    private boolean isStoreElsewhere;

    // The control thread's.
    private @Nullable JavaScriptFilters filters;
    private boolean hasBegun;

    Plugins(ScriptOptions options) {
        this.options = options.givingSecrets(this::secret);
    }

    /** The value of a secret that settings name; empty if there is none, or before it is known where they are. */
    Optional<String> secret(String reference) {
        SecretSource known = secrets;
        return known == null ? Optional.empty() : known.value(reference);
    }

    /** Says where the packages and the secrets are that configurations name. */
    void storedIn(PluginVersions versions, SecretSource values) {
        stored = versions;
        secrets = values;
    }

    @Override
    public JavaScriptLibrary open() {
        JavaScriptLibrary present = library;
        return present == null ? openNow() : present;
    }

    private synchronized JavaScriptLibrary openNow() {
        JavaScriptLibrary present = library;
        if (present == null) {
            if (isClosed) {
                throw new IllegalStateException("the process is stopping");
            }
            present = new JavaScriptLibrary(options);
            if (isStoreElsewhere) {
                present.leaveStore();
            }
            library = present;
        }
        return present;
    }

    @Override
    public Optional<PluginLibrary> opened() {
        return Optional.ofNullable(library);
    }

    @Override
    public Class<? extends FilterConfig> configType() {
        return PluginFilterConfig.class;
    }

    @Override
    public boolean isSlowToOpen() {
        return true;
    }

    @Override
    public void begin() {
        hasBegun = false;
    }

    @Override
    public PreparedFilter prepare(FilterConfig config) throws FilterRefusedException {
        return filters((PluginFilterConfig) config).prepare(config);
    }

    @Override
    public PreparedFilter prepareAuthenticator(FilterConfig config) throws FilterRefusedException {
        return filters((PluginFilterConfig) config).prepareAuthenticator(config);
    }

    private JavaScriptFilters filters(PluginFilterConfig plugin) throws FilterRefusedException {
        load(plugin.use(), plugin.resolved());
        JavaScriptFilters present = filters;
        if (present == null) {
            present = open().filters();
            filters = present;
        }
        if (!hasBegun) {
            present.begin();
            hasBegun = true;
        }
        return present;
    }

    // What a check has seen is loaded already; what is served at the start is not.
    private void load(String text, Optional<String> version) throws FilterRefusedException {
        PluginVersions versions = stored;
        Optional<PluginUse> use = PluginUse.parse(text);
        if (versions != null && use.isPresent() && version.isPresent()) {
            Optional<String> why = versions.makeReady(use.get().name(), version.get());
            if (why.isPresent()) {
                throw new FilterRefusedException("/use", why.get());
            }
        }
    }

    /**
     * Writes what plugins keep in this folder into a file that is there.
     *
     * @return whether they keep anything
     */
    boolean copyStore(Path folder, Path to) throws IOException {
        if (Files.notExists(folder.resolve(SharedStore.FILE)) && Files.notExists(folder.resolve(SharedStore.IMAGE))) {
            return false;
        }
        JavaScriptLibrary present = library;
        if (present == null) {
            present = copyUnopened(folder, to);
        }
        if (present != null) {
            present.copyStore(to);
        }
        return true;
    }

    // No plugin is loaded: what former ones have kept is theirs again if they come back. Nobody opens the library
    // meanwhile, since a
    // folder has one store in a process.
    private synchronized @Nullable JavaScriptLibrary copyUnopened(Path folder, Path to) throws IOException {
        if (library == null) {
            if (isStoreElsewhere) {
                throw new IOException("it is with the process that takes this one's place");
            }
            try (SharedStore store = new SharedStore(StoreOptions.in(folder))) {
                store.openAndCopyTo(to);
            }
        }
        return library;
    }

    /** Another process has the plugins' store, or is to have it: closed here. Waits for it. */
    synchronized void leaveStore() {
        isStoreElsewhere = true;
        opened().ifPresent(any -> open().leaveStore());
    }

    /** The plugins' store is this process's. Waits until it is open, if any plugin wants it. */
    synchronized void takeStore() {
        isStoreElsewhere = false;
        opened().ifPresent(any -> open().takeStore());
    }

    /** Ends the threads that run scripts beside the workers. After the engine, whose filters hold contexts. */
    @Override
    public synchronized void close() {
        isClosed = true;
        JavaScriptLibrary present = library;
        if (present != null) {
            present.close();
        }
    }
}
