package io.penstock.appliance;

import io.penstock.admin.access.AccessControl;
import io.penstock.admin.acme.OrderThread;
import io.penstock.admin.machine.MachinePort;
import io.penstock.admin.ocsp.StatusThread;
import io.penstock.admin.resource.AdminParts;
import io.penstock.admin.resource.ConfigJson;
import io.penstock.admin.resource.Overrides;
import io.penstock.admin.resource.PluginRegistry;
import io.penstock.admin.revision.ConfigCheck;
import io.penstock.admin.revision.ConfigTarget;
import io.penstock.admin.revision.Edit;
import io.penstock.admin.revision.PipelineOptions;
import io.penstock.admin.revision.RevisionPipeline;
import io.penstock.admin.revision.StartResult;
import io.penstock.admin.secret.AccountCheck;
import io.penstock.admin.secret.CertificateCheck;
import io.penstock.admin.secret.CredentialCheck;
import io.penstock.admin.secret.SecretCheck;
import io.penstock.admin.secret.SecretSource;
import io.penstock.admin.secret.SecretTarget;
import io.penstock.admin.secret.SecretVault;
import io.penstock.admin.secret.VaultRefused;
import io.penstock.admin.store.ConfigStore;
import io.penstock.admin.store.DataFolder;
import io.penstock.admin.store.OpenedStore;
import io.penstock.admin.store.SqliteConfigStore;
import io.penstock.admin.store.StoreOptions;
import io.penstock.admin.store.StoreRecovery;
import io.penstock.admin.store.StoreUnusable;
import io.penstock.engine.ProxyEngine;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What only one process has at a time beside its engine: the store with what lies in it, and the single door for changes. Opened
 * in two steps, since an engine may be in the making meanwhile; a gateway whose place another one takes gives all of it up
 * and, should that one fail, opens it again around the engine that runs. One thread opens and closes it.
 */
final class AdminSide implements AutoCloseable {
    private final OpenParts parts = new OpenParts();
    private final ConfigStore store;
    private final Optional<StoreRecovery> recovery;
    private final PluginRegistry registry;
    private final SecretVault vault;
    private final SecretSource secrets;
    private final AccessControl access;
    private final Clock clock;
    private final SecureRandom random;
    private final DataFolder folder;
    private final Plugins plugins;

    // Null until changes are served.
    private @Nullable Overrides overrides;
    private @Nullable RevisionPipeline pipeline;
    private @Nullable OrderThread orders;
    private @Nullable StatusThread states;

    /** Opens the store, and what lies in it. */
    AdminSide(DataFolder folder, SecretVault vault, Plugins plugins, Clock clock, SecureRandom random)
            throws StartFailure {
        this.vault = vault;
        this.clock = clock;
        this.random = random;
        this.folder = folder;
        this.plugins = plugins;
        boolean isOpen = false;
        try {
            OpenedStore opened = openStore(folder, clock);
            this.store = parts.add(opened.store());
            this.recovery = opened.recovery();
            this.registry = parts.add(PluginRegistry.open(store, plugins, clock));
            verify(vault, store);
            this.secrets = new SecretSource(vault, clock);
            plugins.storedIn(registry, secrets);
            this.access = parts.add(AccessControl.open(store, folder, clock, System::nanoTime, random));
            isOpen = true;
        } finally {
            if (!isOpen) {
                parts.close();
            }
        }
    }

    /** Opens what this one has closed, in a folder that is held again. */
    AdminSide again(DataFolder held) throws StartFailure {
        return new AdminSide(held, vault, plugins, clock, random);
    }

    private static OpenedStore openStore(DataFolder folder, Clock clock) throws StartFailure {
        try {
            return SqliteConfigStore.open(folder, StoreOptions.defaults(), clock);
        } catch (StoreUnusable unusable) {
            throw new StartFailure(StartFailure.Kind.OTHER, String.valueOf(unusable.getMessage()), unusable);
        }
    }

    private static void verify(SecretVault vault, ConfigStore store) throws StartFailure {
        try {
            vault.verify(store.load(), new ConfigJson());
        } catch (VaultRefused refused) {
            throw new StartFailure(StartFailure.Kind.OTHER, String.valueOf(refused.getMessage()), refused);
        }
    }

    /**
     * Has the engine serve what is stored, or this document in its place, and takes changes from here on.
     *
     * @throws StartFailure if it cannot be served
     */
    StartResult.Started serve(ProxyEngine engine, EngineWindow window, Optional<FirstConfig> first)
            throws StartFailure {
        // Before the first configuration is served: a restart ends no drain.
        overrides = Overrides.open(store, window, clock);
        if (first.isPresent()) {
            first.get().storePlugins(registry);
        }
        return switch (start(new EngineTarget(engine), first.map(FirstConfig::edit))) {
            case StartResult.Started started -> {
                pipeline = parts.add(started.pipeline());
                OrderThread begun = parts.add(OrderThread.start(
                        started.pipeline(), engine::prove, vault.credentials(), secrets::value, clock, random, folder));
                orders = begun;
                states = parts.add(
                        StatusThread.start(() -> started.pipeline().current().config(), engine::staple, clock, random));
                parts.add(engine.observe(begun.orders().samples()));
                yield started;
            }
            case StartResult.NotStarted not ->
                throw first.isPresent() ? first.get().refused(not.reason()) : FirstConfig.notServed(not.reason());
        };
    }

    private StartResult start(ConfigTarget target, Optional<Edit> first) {
        return RevisionPipeline.start(
                store,
                new ConfigJson(),
                new SecretTarget(target, secrets),
                new SecretCheck(
                                new CredentialCheck(
                                        new CertificateCheck(
                                                new AccountCheck(ConfigCheck.standard(), vault), vault, clock),
                                        vault),
                                vault)
                        .withPlugins(registry),
                PipelineOptions.defaults(),
                first);
    }

    /**
     * Has a target take what is stored as at a start, and nothing more: no orders of certificates, no drains, no changes.
     *
     * @return the revision
     * @throws StartFailure if it does not take it
     */
    long rehearse(ConfigTarget target) throws StartFailure {
        return switch (start(target, Optional.empty())) {
            case StartResult.Started started -> {
                started.pipeline().close();
                yield started.pipeline().current().revision();
            }
            case StartResult.NotStarted not -> throw FirstConfig.notServed(not.reason());
        };
    }

    /** What the admin API is made of, once changes are served. */
    AdminParts adminParts(EngineWindow window, Instant started, Optional<MachinePort> machine) {
        return new AdminParts(
                store,
                pipeline(),
                access,
                window,
                present(overrides),
                registry,
                secrets,
                new ProcessWindow(folder.path(), window.engine().workers().size(), plugins, machine),
                present(orders).orders(),
                present(states),
                started,
                AdminParts.ACTIVE_WAIT_MAX);
    }

    RevisionPipeline pipeline() {
        return present(pipeline);
    }

    private static <T> T present(@Nullable T part) {
        if (part == null) {
            throw new IllegalStateException("no changes are served yet");
        }
        return part;
    }

    AccessControl access() {
        return access;
    }

    /** What had to be done about a damaged store. */
    Optional<StoreRecovery> recovery() {
        return recovery;
    }

    /** Takes no more changes, finishes those that wait. Before the engine is closed. */
    void stopChanges() {
        OrderThread ordering = orders;
        if (ordering != null) {
            ordering.close();
        }
        RevisionPipeline open = pipeline;
        if (open != null) {
            open.close();
        }
    }

    @Override
    public void close() {
        parts.close();
    }
}
