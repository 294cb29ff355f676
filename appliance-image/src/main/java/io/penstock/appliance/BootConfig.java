package io.penstock.appliance;

import io.penstock.config.NodeLocality;
import io.penstock.cores.CorePlan;
import io.penstock.transport.TransportChoice;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * What a gateway is started with and cannot change while it runs.
 *
 * @param dataFolder where it keeps its state; held while it runs
 * @param document to be served in place of what is stored
 * @param admin where the admin API listens; port 0 lets the system choose
 * @param adminKey what the admin API serves HTTPS with; without it a key of its own, unless the address is loopback
 * @param status where liveness, readiness and metrics are told
 * @param adminTokenFile holds a token that may do everything
 * @param workers how many workers
 * @param cores where they run
 * @param transport which system interface they run on
 * @param locality where the gateway stands
 * @param drainDelay how long it goes on as before once it says that it is not ready, for those in front to see
 * @param drainMax how long requests under way may take once the gateway stops
 * @param syslog where logs are shipped to as well
 * @param systemSocket where the machine is asked, if the gateway has one to itself
 */
public record BootConfig(
        Path dataFolder,
        Optional<Path> document,
        InetSocketAddress admin,
        Optional<KeyFiles> adminKey,
        InetSocketAddress status,
        Optional<Path> adminTokenFile,
        int workers,
        CorePlan cores,
        TransportChoice transport,
        NodeLocality locality,
        Duration drainDelay,
        Duration drainMax,
        Optional<SyslogTarget> syslog,
        Optional<Path> systemSocket) {
    /** A certificate chain and its key, both in PEM. */
    public record KeyFiles(Path certificates, Path key) {}

    /** How long requests under way may take by default once the gateway stops. */
    public static final Duration DRAIN_MAX = Duration.ofSeconds(30);

    public BootConfig {
        if (workers < 1) {
            throw new IllegalArgumentException("workers: found " + workers + ", wanted at least 1");
        }
        if (drainDelay.isNegative()) {
            throw new IllegalArgumentException("drain delay: found " + drainDelay + ", wanted 0 or more");
        }
        if (drainMax.isNegative()) {
            throw new IllegalArgumentException("drain time: found " + drainMax + ", wanted 0 or more");
        }
    }

    /** A gateway for this folder with what {@code run} has for all the rest. */
    public static BootConfig of(Path dataFolder, InetSocketAddress admin, InetSocketAddress status) {
        return new BootConfig(
                dataFolder,
                Optional.empty(),
                admin,
                Optional.empty(),
                status,
                Optional.empty(),
                SizeProfile.workersHere(),
                CorePlan.NONE,
                TransportChoice.AUTO,
                NodeLocality.UNKNOWN,
                Duration.ZERO,
                DRAIN_MAX,
                Optional.empty(),
                Optional.empty());
    }

    /** The same, serving this document. */
    public BootConfig withDocument(Path file) {
        return new BootConfig(
                dataFolder,
                Optional.of(file),
                admin,
                adminKey,
                status,
                adminTokenFile,
                workers,
                cores,
                transport,
                locality,
                drainDelay,
                drainMax,
                syslog,
                systemSocket);
    }

    /** The same, with a token for everything. */
    public BootConfig withAdminTokenFile(Path file) {
        return new BootConfig(
                dataFolder,
                document,
                admin,
                adminKey,
                status,
                Optional.of(file),
                workers,
                cores,
                transport,
                locality,
                drainDelay,
                drainMax,
                syslog,
                systemSocket);
    }
}
