package io.penstock.engine;

import io.penstock.config.NodeLocality;
import io.penstock.cores.CorePlan;
import io.penstock.spi.CredentialSecrets;
import io.penstock.spi.FilterProvider;
import io.penstock.transport.InheritedSockets;
import io.penstock.transport.TransportChoice;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What an engine is started with and cannot change while it runs.
 *
 * @param workers how many workers, at least 1
 * @param cores where they run
 * @param transport which system interface they run on
 * @param logFolder where access logs without an absolute path are written
 * @param version of the build, for status and metrics
 * @param clock the time of day
 * @param providers filters beside the built-in ones
 * @param rateSlots how many keys of rate limits are kept
 * @param permitSlots how many counted resources there may be
 * @param seed keys what clients must not be able to work out; the same over restarts if cookies are to stay good
 * @param filterOpenMax how long a filter that takes long may take to open, for all workers together
 * @param credentials what is stored of the secrets of consumers
 * @param stateFolder where the counts of quotas are kept over a restart; nowhere if empty
 * @param locality where the gateway stands
 * @param inherited sockets of a process whose place this engine takes: it opens quotas' counts again and accepts only once it
 *     is admitted; empty for an engine that begins by itself
 */
public record EngineOptions(
        int workers,
        CorePlan cores,
        TransportChoice transport,
        Path logFolder,
        String version,
        Clock clock,
        List<FilterProvider> providers,
        int rateSlots,
        int permitSlots,
        KeySeed seed,
        Duration filterOpenMax,
        CredentialSecrets credentials,
        Optional<Path> stateFolder,
        NodeLocality locality,
        Optional<InheritedSockets> inherited) {
    private static final int RATE_SLOTS = 1 << 18;
    private static final int PERMIT_SLOTS = 1 << 14;
    private static final Duration FILTER_OPEN_MAX = Duration.ofSeconds(60);
    private static final int WORKERS_MAX = 256;

    public EngineOptions {
        if (workers < 1 || workers > WORKERS_MAX) {
            throw new IllegalArgumentException("workers: found " + workers + ", wanted 1 to " + WORKERS_MAX);
        }
        if (cores.isForEachWorker() && cores.workers().size() != workers) {
            throw new IllegalArgumentException(
                    "cores: found " + cores.workers().size() + " for " + workers + " workers, wanted one for each");
        }
        providers = List.copyOf(providers);
    }

    /** The usual bounds. */
    public static EngineOptions of(int workers, TransportChoice transport, Path logFolder, String version) {
        return new EngineOptions(
                workers,
                CorePlan.NONE,
                transport,
                logFolder,
                version,
                Clock.systemUTC(),
                List.of(),
                RATE_SLOTS,
                PERMIT_SLOTS,
                KeySeed.random(new SecureRandom()),
                FILTER_OPEN_MAX,
                CredentialSecrets.none(),
                Optional.empty(),
                NodeLocality.UNKNOWN,
                Optional.empty());
    }

    /** The same with filters beside the built-in ones. */
    public EngineOptions with(List<FilterProvider> more) {
        Change change = new Change(this);
        change.providers = more;
        return change.done();
    }

    /** The same with workers on cores of their own. */
    public EngineOptions on(CorePlan plan) {
        Change change = new Change(this);
        change.cores = plan;
        return change.done();
    }

    /** The same with a folder in which the counts of quotas are kept over a restart; they are found again by the same seed. */
    public EngineOptions keepingIn(Path folder) {
        Change change = new Change(this);
        change.stateFolder = Optional.of(folder);
        return change.done();
    }

    /** The same with a seed that was used before. */
    public EngineOptions keyedBy(KeySeed known) {
        Change change = new Change(this);
        change.seed = known;
        return change.done();
    }

    /** The same with stored secrets of consumers. */
    public EngineOptions with(CredentialSecrets stored) {
        Change change = new Change(this);
        change.credentials = stored;
        return change.done();
    }

    /** The same at a place. */
    public EngineOptions at(NodeLocality place) {
        Change change = new Change(this);
        change.locality = place;
        return change.done();
    }

    /** The same in the place of another process, whose sockets these are. */
    public EngineOptions inheriting(Optional<InheritedSockets> sockets) {
        Change change = new Change(this);
        change.inherited = sockets;
        return change.done();
    }

    /** What changes of an engine's options, each of which leaves all others. */
    private static final class Change {
        private final EngineOptions from;
        private CorePlan cores;
        private List<FilterProvider> providers;
        private KeySeed seed;
        private CredentialSecrets credentials;
        private Optional<Path> stateFolder;
        private NodeLocality locality;
        private Optional<InheritedSockets> inherited;

        Change(EngineOptions from) {
            this.from = from;
            this.cores = from.cores;
            this.providers = from.providers;
            this.seed = from.seed;
            this.credentials = from.credentials;
            this.stateFolder = from.stateFolder;
            this.locality = from.locality;
            this.inherited = from.inherited;
        }

        EngineOptions done() {
            return new EngineOptions(
                    from.workers,
                    cores,
                    from.transport,
                    from.logFolder,
                    from.version,
                    from.clock,
                    providers,
                    from.rateSlots,
                    from.permitSlots,
                    seed,
                    from.filterOpenMax,
                    credentials,
                    stateFolder,
                    locality,
                    inherited);
        }
    }
}
