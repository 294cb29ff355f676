package io.penstock.appliance;

import io.penstock.admin.AdminOptions;
import io.penstock.admin.AdminRefused;
import io.penstock.admin.AdminServer;
import io.penstock.admin.AdminTls;
import io.penstock.admin.StatusServer;
import io.penstock.admin.access.AccessControl;
import io.penstock.admin.resource.AdminParts;
import io.penstock.admin.revision.StartResult;
import io.penstock.admin.secret.SecretVault;
import io.penstock.admin.secret.VaultRefused;
import io.penstock.admin.store.DataFolder;
import io.penstock.admin.store.StoreRecovery;
import io.penstock.appliance.command.TokenFile;
import io.penstock.appliance.control.MachineSocket;
import io.penstock.appliance.log.SyslogEvents;
import io.penstock.config.ConfigValidator;
import io.penstock.config.ConfigWarning;
import io.penstock.config.ProxyConfig;
import io.penstock.engine.EngineStatus;
import io.penstock.engine.ProxyEngine;
import io.penstock.metrics.SyslogShipper;
import io.penstock.plugin.ScriptOptions;
import io.penstock.spi.PluginLibrary;
import io.penstock.transport.InheritedSockets;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.UnknownHostException;
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
    private final Clock clock = Clock.systemUTC();
    private final SecureRandom random = new SecureRandom();
    private final Instant started = clock.instant();
    private final BootConfig boot;
    private final FolderHold hold;
    private final SecretVault vault;
    private final Plugins plugins;
    private final ProxyEngine engine;
    private final EngineWindow window;
    private final Optional<StoreRecovery> recovery;
    private final Optional<String> setupToken;
    private final Optional<Long> reverted;
    private final AdminServer admin;
    private final StatusServer status;
    private final ApplianceHandover handover;

    /**
     * Opens everything and waits until every worker serves.
     *
     * @param environment for {@code {env: V}} in the document
     * @param takeover of another gateway's place; it is asked for what it has, and told at the end
     * @throws StartFailure if something stands against it; nothing is left open then
     * @throws io.penstock.appliance.command.CommandFailure if the document or the token file cannot be read
     */
    Appliance(BootConfig boot, Map<String, String> environment, Optional<Takeover> takeover) throws StartFailure {
        this.boot = boot;
        boolean isOpen = false;
        try {
            Optional<String> token = boot.adminTokenFile().map(TokenFile::read);
            if (takeover.isPresent()) {
                takeover.get().release();
            }
            this.hold = parts.add(FolderHold.take(boot.dataFolder()));
            DataFolder folder = hold.folder();
            Optional<InheritedSockets> inherited =
                    takeover.isPresent() ? Optional.of(takeover.get().sockets(folder.path())) : Optional.empty();
            if (inherited.isEmpty()) {
                AddressProbe.requireFree("admin API", "--admin", boot.admin());
                AddressProbe.requireFree("status port", "--status", boot.status());
            }
            this.plugins = parts.add(new Plugins(ScriptOptions.DEFAULT.storingIn(folder.path())));
            if (inherited.isPresent()) {
                plugins.leaveStore();
            }
            this.vault = openVault(folder, clock, random);
            EngineStart start = parts.add(EngineStart.begin(
                    boot,
                    folder.path().resolve("log"),
                    SeedFile.open(folder, random),
                    plugins,
                    new EngineSecrets(vault.credentials(), plugins::secret),
                    inherited));
            Optional<FirstConfig> first = boot.document().map(file -> FirstConfig.read(file, environment));

            AdminSide side = hold.open(vault, plugins, clock, random);
            parts.add(hold::closeSide);
            this.recovery = side.recovery();
            this.setupToken = letIn(side.access(), token);

            EngineStart.Started data = start.take();
            this.engine = parts.add(data.engine());
            this.window = data.window();
            data.status().ifPresent(parts::add);
            if (boot.syslog().isPresent()) {
                ship(boot.syslog().get());
            }
            parts.add(hold::stopChanges);
            StartResult.Started revision = side.serve(engine, window, first);
            this.reverted = revision.reverted();
            this.admin = parts.add(new AdminServer(
                    adminParts(side),
                    AdminOptions.at(boot.admin(), tls(folder, clock.instant())).joining(takeover.isPresent())));
            awaitReady(revision);
            this.status = data.status().isPresent()
                    ? data.status().get()
                    : parts.add(new StatusServer(window, boot.status(), true));
            this.handover =
                    parts.add(new ApplianceHandover(hold, engine, window, plugins, admin, status, this::adminParts));
            if (takeover.isPresent()) {
                takeover.get().ready();
                plugins.takeStore();
                engine.handover().admit();
            }
            isOpen = true;
        } catch (AdminRefused refused) {
            throw new StartFailure(StartFailure.Kind.OTHER, String.valueOf(refused.getMessage()), refused);
        } finally {
            if (!isOpen) {
                parts.close();
            }
        }
    }

    /** Opens everything, in nobody's place. */
    public Appliance(BootConfig boot, Map<String, String> environment) throws StartFailure {
        this(boot, environment, Optional.empty());
    }

    // Closed before the engine: what the engine's end says is on standard error.
    private void ship(SyslogTarget target) throws StartFailure {
        SyslogShipper shipper = parts.add(new SyslogShipper(
                target.host(),
                target.port(),
                target.tls(),
                hostName(),
                ProcessHandle.current().pid(),
                clock));
        shipper.start();
        parts.add(SyslogEvents.begin(shipper));
        engine.shipLogs(shipper);
    }

    private AdminParts adminParts(AdminSide side) {
        return side.adminParts(window, started, boot.systemSocket().map(MachineSocket::new));
    }

    private static String hostName() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException nameless) {
            return "-";
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

    private Optional<AdminTls> tls(DataFolder folder, Instant now) throws AdminRefused {
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
        return engine.readings().status();
    }

    /** The revision that is served. */
    public long revision() {
        return hold.side().pipeline().current().revision();
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
        return ConfigValidator.warnings(
                ProxyConfig.empty(), hold.side().pipeline().current().config());
    }

    /** Opens the access logs' files by their names again, after someone has moved them. */
    void reopenLogs() {
        engine.reopenAccessLogs();
    }

    /** How another process takes this one's place. */
    ApplianceHandover handover() {
        return handover;
    }

    // ---- the end ----

    /** Says not ready; everything goes on. */
    void announceEnd() {
        engine.announceEnd();
    }

    /** As {@link #drain(Duration)}, for a gateway whose end nobody waits for: idle connections may take as long as the rest. */
    boolean drainAtLeisure(Duration atMost) {
        return engine.drain(atMost, atMost.multipliedBy(9).dividedBy(10));
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
