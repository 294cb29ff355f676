package io.penstock.appliance;

import io.penstock.admin.AdminOptions;
import io.penstock.admin.AdminRefused;
import io.penstock.admin.AdminServer;
import io.penstock.admin.AdminTls;
import io.penstock.admin.StatusServer;
import io.penstock.admin.access.AccessControl;
import io.penstock.admin.resource.AdminParts;
import io.penstock.admin.resource.ConfigJson;
import io.penstock.admin.resource.Overrides;
import io.penstock.admin.resource.PluginRegistry;
import io.penstock.admin.revision.ConfigCheck;
import io.penstock.admin.revision.PipelineOptions;
import io.penstock.admin.revision.RevisionPipeline;
import io.penstock.admin.revision.StartResult;
import io.penstock.admin.secret.CertificateCheck;
import io.penstock.admin.secret.CredentialCheck;
import io.penstock.admin.secret.SecretCheck;
import io.penstock.admin.secret.SecretSource;
import io.penstock.admin.secret.SecretTarget;
import io.penstock.admin.secret.SecretVault;
import io.penstock.admin.secret.VaultRefused;
import io.penstock.admin.store.ConfigStore;
import io.penstock.admin.store.DataFolder;
import io.penstock.admin.store.DataFolderRefused;
import io.penstock.admin.store.OpenedStore;
import io.penstock.admin.store.SqliteConfigStore;
import io.penstock.admin.store.StoreOptions;
import io.penstock.admin.store.StoreRecovery;
import io.penstock.admin.store.StoreUnusable;
import io.penstock.appliance.command.TokenFile;
import io.penstock.config.ConfigValidator;
import io.penstock.config.ConfigWarning;
import io.penstock.config.ProxyConfig;
import io.penstock.engine.EngineStatus;
import io.penstock.engine.ProxyEngine;
import io.penstock.plugin.ScriptOptions;
import io.penstock.spi.PluginLibrary;
import java.net.InetSocketAddress;
import java.net.URI;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * The whole product. The constructor is the parts list, top to bottom; {@link #close} is the same list upward.
 *
 * <p>One thread opens and closes it. When the constructor returns, every worker serves the configuration.
 */
public final class Appliance implements AutoCloseable {
    /** How long the workers may take to serve the first configuration. */
    private static final Duration READY_MAX = Duration.ofSeconds(30);

    private final OpenParts parts = new OpenParts();
    private final DataFolder folder;
    private final Optional<StoreRecovery> recovery;
    private final Optional<String> setupToken;
    private final Plugins plugins;
    private final ProxyEngine engine;
    private final RevisionPipeline pipeline;
    private final Optional<Long> reverted;
    private final AdminServer admin;
    private final StatusServer status;

    /**
     * Opens everything and waits until every worker serves.
     *
     * @param environment for {@code {env: V}} in the document
     * @throws StartFailure if something stands against it; nothing is left open then
     * @throws io.penstock.appliance.command.CommandFailure if the document or the token file cannot be read
     */
    public Appliance(BootConfig boot, Map<String, String> environment) throws StartFailure {
        boolean isOpen = false;
        try {
            Clock clock = Clock.systemUTC();
            SecureRandom random = new SecureRandom();
            Optional<String> token = boot.adminTokenFile().map(TokenFile::read);
            this.folder = parts.add(hold(boot));
            AddressProbe.requireFree("admin API", "--admin", boot.admin());
            AddressProbe.requireFree("status port", "--status", boot.status());
            this.plugins = parts.add(new Plugins(ScriptOptions.DEFAULT.storingIn(folder.path())));
            SecretVault vault = openVault(folder, clock, random);
            EngineStart start = parts.add(EngineStart.begin(
                    boot,
                    folder.path().resolve("log"),
                    SeedFile.open(folder, random),
                    plugins,
                    new EngineSecrets(vault.credentials(), plugins::secret)));
            Optional<FirstConfig> first = boot.document().map(file -> FirstConfig.read(file, environment));

            OpenedStore opened = openStore(folder, clock);
            ConfigStore store = parts.add(opened.store());
            this.recovery = opened.recovery();
            PluginRegistry registry = parts.add(PluginRegistry.open(store, plugins, clock));
            verify(vault, store);
            SecretSource secrets = new SecretSource(vault, clock);
            plugins.storedIn(registry, secrets);
            AccessControl access = parts.add(AccessControl.open(store, folder, clock, System::nanoTime, random));
            this.setupToken = letIn(access, token);

            EngineStart.Started data = start.take();
            this.engine = parts.add(data.engine());
            EngineWindow window = data.window();
            this.status = parts.add(data.status());
            // Before the first configuration is served: a restart ends no drain.
            Overrides overrides = Overrides.open(store, window, clock);
            StartResult.Started started = startPipeline(store, registry, vault, secrets, first);
            this.pipeline = parts.add(started.pipeline());
            this.reverted = started.reverted();
            AdminParts adminParts = new AdminParts(
                    store,
                    pipeline,
                    access,
                    window,
                    overrides,
                    registry,
                    secrets,
                    clock.instant(),
                    AdminParts.ACTIVE_WAIT_MAX);
            this.admin = parts.add(
                    new AdminServer(adminParts, AdminOptions.at(boot.admin(), tls(boot, clock.instant(), random))));
            awaitReady(started);
            isOpen = true;
        } catch (AdminRefused refused) {
            throw new StartFailure(StartFailure.Kind.OTHER, String.valueOf(refused.getMessage()), refused);
        } finally {
            if (!isOpen) {
                parts.close();
            }
        }
    }

    private static DataFolder hold(BootConfig boot) throws StartFailure {
        try {
            return DataFolder.hold(boot.dataFolder());
        } catch (DataFolderRefused refused) {
            // Only a folder that is held has nothing else to blame.
            boolean isHeld = refused.getCause() == null;
            throw new StartFailure(
                    isHeld ? StartFailure.Kind.FOLDER_IN_USE : StartFailure.Kind.OTHER,
                    String.valueOf(refused.getMessage()),
                    refused);
        }
    }

    private static OpenedStore openStore(DataFolder folder, Clock clock) throws StartFailure {
        try {
            return SqliteConfigStore.open(folder, StoreOptions.defaults(), clock);
        } catch (StoreUnusable unusable) {
            throw new StartFailure(StartFailure.Kind.OTHER, String.valueOf(unusable.getMessage()), unusable);
        }
    }

    /** The setup token, if nobody could get in without one. */
    private static Optional<String> letIn(AccessControl access, Optional<String> token) throws StartFailure {
        Optional<String> refused = token.flatMap(access::adoptTokenFile);
        if (refused.isPresent()) {
            throw new StartFailure(StartFailure.Kind.OTHER, "--admin-token-file: " + refused.get());
        }
        return access.setupToken();
    }

    private static SecretVault openVault(DataFolder folder, Clock clock, SecureRandom random) throws StartFailure {
        try {
            return SecretVault.open(folder, clock, random);
        } catch (VaultRefused refused) {
            throw new StartFailure(StartFailure.Kind.OTHER, String.valueOf(refused.getMessage()), refused);
        }
    }

    private static void verify(SecretVault vault, ConfigStore store) throws StartFailure {
        try {
            vault.verify(store.load(), new ConfigJson());
        } catch (VaultRefused refused) {
            throw new StartFailure(StartFailure.Kind.OTHER, String.valueOf(refused.getMessage()), refused);
        }
    }

    private StartResult.Started startPipeline(
            ConfigStore store,
            PluginRegistry registry,
            SecretVault vault,
            SecretSource secrets,
            Optional<FirstConfig> first)
            throws StartFailure {
        if (first.isPresent()) {
            first.get().storePlugins(registry);
        }
        StartResult result = RevisionPipeline.start(
                store,
                new ConfigJson(),
                new SecretTarget(new EngineTarget(engine), secrets),
                new SecretCheck(
                                new CredentialCheck(
                                        new CertificateCheck(ConfigCheck.standard(), vault, Clock.systemUTC()), vault),
                                vault)
                        .withPlugins(registry),
                PipelineOptions.defaults(),
                first.map(FirstConfig::edit));
        return switch (result) {
            case StartResult.Started started -> started;
            case StartResult.NotStarted not ->
                throw first.isPresent() ? first.get().refused(not.reason()) : FirstConfig.notServed(not.reason());
        };
    }

    private Optional<AdminTls> tls(BootConfig boot, Instant now, SecureRandom random) throws AdminRefused {
        if (boot.adminKey().isPresent()) {
            BootConfig.KeyFiles files = boot.adminKey().get();
            return Optional.of(AdminTls.ofFiles(files.certificates(), files.key()));
        }
        return boot.admin().getAddress().isLoopbackAddress()
                ? Optional.empty()
                : Optional.of(AdminTls.inFolder(folder, boot.admin().getAddress(), now, random));
    }

    private static void awaitReady(StartResult.Started started) throws StartFailure {
        try {
            started.publication().active().toCompletableFuture().get(READY_MAX.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException slow) {
            throw new StartFailure(
                    StartFailure.Kind.OTHER,
                    started.publication().pendingWorkers() + " workers did not serve the configuration within "
                            + READY_MAX.toSeconds() + " s",
                    slow);
        } catch (ExecutionException failed) {
            throw new IllegalStateException("an adoption does not fail", failed);
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
            throw new StartFailure(StartFailure.Kind.OTHER, "stopped while it started", stopping);
        }
    }

    /** Where callers reach the admin API. */
    public URI adminUri() {
        return admin.uri();
    }

    /** Of the admin API's certificate, if it serves HTTPS. */
    public Optional<String> adminFingerprint() {
        return admin.fingerprint();
    }

    /** Where liveness, readiness and metrics are told. */
    public InetSocketAddress statusAddress() {
        return status.address();
    }

    /** How the engine stands. */
    public EngineStatus engineStatus() {
        return engine.status();
    }

    /** The revision that is served. */
    public long revision() {
        return pipeline.current().revision();
    }

    /** What had to be done about a damaged store, to be told loudly. */
    public Optional<StoreRecovery> recovery() {
        return recovery;
    }

    /** The revision on trial that was taken back, since its process ended before it was confirmed. */
    public Optional<Long> reverted() {
        return reverted;
    }

    /** The token for the first administrator, if there is none yet. */
    public Optional<String> setupToken() {
        return setupToken;
    }

    /** How scripts run here, once a configuration names a plugin. */
    public Optional<String> pluginMode() {
        return plugins.opened().map(PluginLibrary::mode);
    }

    /** What is served and probably not meant. */
    public List<ConfigWarning> warnings() {
        return ConfigValidator.warnings(ProxyConfig.empty(), pipeline.current().config());
    }

    /** Opens the access logs' files by their names again, after someone has moved them. */
    void reopenLogs() {
        engine.reopenAccessLogs();
    }

    /**
     * Says not ready, accepts nothing new, and waits for the requests under way. The admin API goes on.
     *
     * @return whether all of them ended in time
     */
    public boolean drain(Duration atMost) {
        return engine.drain(atMost);
    }

    /** Cuts what is left, and closes every part. */
    @Override
    public void close() {
        parts.close();
    }
}
