package io.penstock.appliance;

import io.penstock.appliance.command.CommandFailure;
import io.penstock.appliance.command.ExitCode;
import io.penstock.appliance.command.TokenFile;
import io.penstock.config.ConfigWarning;
import io.penstock.config.NodeLocality;
import io.penstock.cores.CoreAffinity;
import io.penstock.cores.CorePlan;
import io.penstock.engine.EngineStatus;
import io.penstock.transport.ServiceNotice;
import io.penstock.transport.TransportChoice;
import java.io.PrintWriter;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code penstock run}: the gateway itself. */
@Command(
        name = "run",
        description = {
            "Run the gateway. A line that begins with \"ready\" on standard output says that every worker serves.",
            "Without --apply it serves what its data folder holds: the last good revision."
        },
        footerHeading = "%nSignals:%n",
        footer = {
            "  TERM, INT   not ready at once, requests under way may finish (--drain), then stop; a second one cuts"
                    + " them",
            "  HUP         another process takes over, as penstock restart does it",
            "  USR2        open the access logs' files by their names again",
            "",
            "Environment: PENSTOCK_JAVA_HOME chooses the Java, PENSTOCK_JAVA_OPTS adds to its arguments (-Xmx2g),",
            "PENSTOCK_LOG is the level of the application log on standard error: error, warn (default), info, debug.",
            "",
            "Examples:",
            "  penstock run --data /var/lib/penstock",
            "  penstock run --data data --apply first.yaml --admin-token-file token.txt"
        })
final class RunCommand implements Callable<Integer> {
    @Option(
            names = "--data",
            paramLabel = "DIR",
            description = "Where revisions, tokens, audit and logs are kept; made if absent. One gateway at a time.")
    private Optional<Path> data = Optional.empty();

    @Option(
            names = "--apply",
            paramLabel = "FILE",
            description =
                    "Serve this document in place of what is stored, as PUT /v1/config does it. No new revision if"
                            + " nothing differs. {file: p} and {env: V} in it are read here, beside the document.")
    private Optional<Path> apply = Optional.empty();

    @Option(
            names = "--admin",
            paramLabel = "HOST:PORT",
            description = "Where the admin API listens. Default: ${DEFAULT-VALUE}. HTTPS unless it is loopback.")
    private String admin = "127.0.0.1:8081";

    @Option(
            names = "--admin-cert",
            paramLabel = "FILE",
            description = "The admin API's certificate chain in PEM; without it one is made in DIR for HTTPS.")
    private Optional<Path> adminCertificate = Optional.empty();

    @Option(names = "--admin-key", paramLabel = "FILE", description = "Its key: PEM, PKCS #8, not encrypted.")
    private Optional<Path> adminKey = Optional.empty();

    @Option(
            names = "--status",
            paramLabel = "HOST:PORT",
            description = "Where /livez, /readyz and /metrics answer. Default: ${DEFAULT-VALUE}.")
    private String status = "127.0.0.1:8082";

    @Option(
            names = "--admin-token-file",
            paramLabel = "FILE",
            description =
                    "Holds a token of 16 to 256 visible characters that may do everything. Stored hashed, valid on"
                            + " later starts too until revoked. Without any token a setup token is printed, for: penstock"
                            + " token claim.")
    private Optional<Path> adminTokenFile = Optional.empty();

    @Option(
            names = "--workers",
            paramLabel = "N",
            description =
                    "How many workers. Default: one for each core, or for each that --pin names; fewer where memory is"
                            + " short.")
    private Optional<Integer> workers = Optional.empty();

    @Option(
            names = "--explain-size",
            description = "Say what it makes of this machine's memory and cores, and why; then end.")
    private boolean isExplainSize;

    @Option(
            names = "--pin",
            paramLabel = "CORES",
            description =
                    "Which core each worker has to itself: none, auto (the last ones), or a list as 1,4-7. All other"
                            + " threads keep to the cores that are left, if any are. Default: ${DEFAULT-VALUE}.")
    private String pin = "none";

    @Option(
            names = "--transport",
            paramLabel = "NAME",
            description = "auto (the best that works), io_uring, epoll or nio. Default: ${DEFAULT-VALUE}.")
    private String transport = TransportChoice.AUTO.text();

    @Option(
            names = "--region",
            paramLabel = "NAME",
            description = "Where this gateway is. An upstream with a locality has its nearest targets asked first.")
    private Optional<String> region = Optional.empty();

    @Option(names = "--zone", paramLabel = "NAME", description = "The zone of that region.")
    private Optional<String> zone = Optional.empty();

    @Option(
            names = "--drain",
            paramLabel = "SECONDS",
            description = "How long requests under way may take once it stops. Default: ${DEFAULT-VALUE}.")
    private int drainSeconds = (int) BootConfig.DRAIN_MAX.toSeconds();

    @Option(
            names = "--drain-delay",
            paramLabel = "SECONDS",
            description =
                    "How long it goes on as before once it is not ready, so that who spreads requests in front sees"
                            + " it first. Default: ${DEFAULT-VALUE}.")
    private int drainDelaySeconds;

    @Option(
            names = "--syslog",
            paramLabel = "tls:HOST:PORT",
            description = "Ship access logs and the application log there too, as syslog over TLS (RFC 5425).")
    private Optional<String> syslog = Optional.empty();

    @Option(
            names = "--syslog-ca",
            paramLabel = "FILE",
            description = "Of whom the collector's certificate must come, in PEM. Default: whom Java trusts.")
    private Optional<Path> syslogAuthorities = Optional.empty();

    @Option(
            names = "--system-socket",
            paramLabel = "PATH",
            description = "Where the appliance's image is asked for settings and upgrades of the system (/v1/system).")
    private Optional<Path> systemSocket = Optional.empty();

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli before call()
    private CommandSpec spec;

    @Override
    public Integer call() {
        if (isExplainSize) {
            print(spec.commandLine().getOut(), SizeProfile.explained(workerCount()));
            return ExitCode.OK;
        }
        BootConfig boot = boot();
        PrintWriter out = spec.commandLine().getOut();
        PrintWriter err = spec.commandLine().getErr();
        ServiceNotice manager = ServiceNotice.of(System.getenv());
        try (Takeover takeover =
                Takeover.begin(System.getenv(), boot.dataFolder()).orElse(null)) {
            serve(boot, Optional.ofNullable(takeover), manager, out, err);
        } catch (StartFailure failure) {
            throw new CommandFailure(exitCode(failure.kind()), failure.getMessage() + "");
        }
        print(err, "stopped");
        return ExitCode.OK;
    }

    private static void serve(
            BootConfig boot, Optional<Takeover> takeover, ServiceNotice manager, PrintWriter out, PrintWriter err)
            throws StartFailure {
        ShutdownSequence shutdown =
                new ShutdownSequence(boot.drainDelay(), boot.drainMax(), line -> print(err, line), manager);
        try (Appliance appliance = open(boot, takeover);
                ServiceBeats beats =
                        ServiceBeats.of(manager, System.getenv(), takeover.isPresent(), appliance::engineStatus)) {
            Restart restart = new Restart(appliance.handover(), manager, beats);
            RestartDoor door = new RestartDoor(restart, shutdown, line -> print(err, line));
            shutdown.install(appliance::reopenLogs, door::signalled);
            appliance.handover().openControl(door);
            takeover.ifPresent(Takeover::serving);
            manager.send("READY=1", "MAINPID=" + ProcessHandle.current().pid());
            beats.start();
            tell(appliance, boot, err);
            print(out, ready(appliance));
            shutdown.await(appliance, restart);
        }
    }

    private static Appliance open(BootConfig boot, Optional<Takeover> takeover) throws StartFailure {
        try {
            return new Appliance(boot, System.getenv(), takeover);
        } catch (StartFailure | RuntimeException | Error failure) {
            takeover.ifPresent(old -> old.failed(told(failure)));
            throw failure;
        }
    }

    private static String told(Throwable failure) {
        return failure instanceof StartFailure || failure instanceof CommandFailure
                ? String.valueOf(failure.getMessage())
                : failure.toString();
    }

    private BootConfig boot() {
        if (adminCertificate.isPresent() != adminKey.isPresent()) {
            throw new ParameterException(spec.commandLine(), "--admin-cert and --admin-key belong together");
        }
        if (drainSeconds < 0) {
            throw new ParameterException(spec.commandLine(), "--drain: found " + drainSeconds + ", wanted 0 or more");
        }
        if (drainDelaySeconds < 0) {
            throw new ParameterException(
                    spec.commandLine(), "--drain-delay: found " + drainDelaySeconds + ", wanted 0 or more");
        }
        try {
            int count = workerCount();
            CorePlan plan = cores(count);
            return new BootConfig(
                    data.orElseThrow(
                            () -> new ParameterException(spec.commandLine(), "Missing required option: '--data=DIR'")),
                    apply,
                    ListenOption.parse("--admin", admin),
                    adminCertificate.map(certificates -> new BootConfig.KeyFiles(certificates, adminKey.orElseThrow())),
                    ListenOption.parse("--status", status),
                    adminTokenFile,
                    count,
                    plan,
                    TransportChoice.parse(transport),
                    new NodeLocality(region, zone),
                    Duration.ofSeconds(drainDelaySeconds),
                    Duration.ofSeconds(drainSeconds),
                    syslog.map(text -> SyslogTarget.parse(text, syslogAuthorities)),
                    systemSocket);
        } catch (IllegalArgumentException refused) {
            throw new ParameterException(spec.commandLine(), String.valueOf(refused.getMessage()), refused);
        }
    }

    private int workerCount() {
        return workers.orElseGet(() -> CorePlan.named(pin).orElseGet(SizeProfile::workersHere));
    }

    private CorePlan cores(int count) {
        if (pin.equals("none")) {
            return CorePlan.NONE;
        }
        try {
            return CorePlan.of(pin, count, CoreAffinity.ofThisSystem().allowed());
        } catch (UnsupportedOperationException absent) {
            throw new IllegalArgumentException("--pin: " + absent.getMessage() + ", so leave it away", absent);
        }
    }

    private static int exitCode(StartFailure.Kind kind) {
        return switch (kind) {
            case FOLDER_IN_USE -> ExitCode.FOLDER_IN_USE;
            case ADDRESS_IN_USE -> ExitCode.ADDRESS_IN_USE;
            case OTHER -> ExitCode.FAILED;
        };
    }

    /** What the operator must know beside that it runs. */
    private static void tell(Appliance appliance, BootConfig boot, PrintWriter err) {
        appliance.recovery().ifPresent(recovery -> print(err, recovery.text()));
        appliance
                .reverted()
                .ifPresent(revision -> print(
                        err,
                        "revision " + revision + " was on trial and never confirmed: what it changed is taken back"));
        for (ConfigWarning warning : appliance.warnings()) {
            print(
                    err,
                    "warning: " + warning.resource() + ": " + warning.detail()
                            + warning.hint().map(way -> " (" + way + ")").orElse(""));
        }
        boot.adminTokenFile()
                .flatMap(TokenFile::warning)
                .ifPresent(warning -> print(err, "warning: --admin-token-file: " + warning));
        appliance.pluginMode().ifPresent(mode -> print(err, "plugins run " + mode));
        appliance.adminFingerprint().ifPresent(print -> print(err, "admin certificate SHA-256 " + print));
        appliance
                .setupToken()
                .ifPresent(token -> print(
                        err,
                        "setup token (once, for the first admin token): " + token + "\n  kept in "
                                + boot.dataFolder().resolve("setup-token")
                                + "; exchange it with:\n  penstock token claim --admin "
                                + fromHere(appliance.adminUri()) + " --token-file "
                                + boot.dataFolder().resolve("setup-token")
                                + appliance
                                        .adminFingerprint()
                                        .map(print -> " --fingerprint " + print)
                                        .orElse("")
                                + " --context-name here"));
    }

    // Where the file with the token is, the gateway is too.
    private static String fromHere(URI admin) {
        return admin.toString().replace("//0.0.0.0:", "//127.0.0.1:").replace("//[0:0:0:0:0:0:0:0]:", "//[::1]:");
    }

    private static String ready(Appliance appliance) {
        EngineStatus engine = appliance.engineStatus();
        String listeners = engine.listeners().stream()
                .map(listener -> listener.name() + " " + AddressProbe.text(listener.address()))
                .collect(Collectors.joining(", "));
        long startMs = System.currentTimeMillis()
                - ManagementFactory.getRuntimeMXBean().getStartTime();
        return "ready in " + startMs + " ms: revision " + appliance.revision() + ", "
                + (listeners.isEmpty() ? "no listeners yet" : "listeners " + listeners) + ", admin "
                + appliance.adminUri() + ", status http://" + AddressProbe.text(appliance.statusAddress()) + ", "
                + engine.workers().size() + (engine.workers().size() == 1 ? " worker on " : " workers on ")
                + engine.transport()
                + (engine.cores().equals(CorePlan.NONE.text()) ? "" : ", " + engine.cores());
    }

    private static void print(PrintWriter to, String line) {
        to.println(line);
        to.flush();
    }
}
