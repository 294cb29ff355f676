package io.penstock.engine;

import io.penstock.cores.CorePlan;
import io.penstock.spi.CredentialSecrets;
import io.penstock.spi.FilterProvider;
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
        Optional<Path> stateFolder) {
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
                Optional.empty());
    }

    /** The same with filters beside the built-in ones. */
    public EngineOptions with(List<FilterProvider> more) {
        return new EngineOptions(
                workers,
                cores,
                transport,
                logFolder,
                version,
                clock,
                more,
                rateSlots,
                permitSlots,
                seed,
                filterOpenMax,
                credentials,
                stateFolder);
    }

    /** The same with workers on cores of their own. */
    public EngineOptions on(CorePlan plan) {
        return new EngineOptions(
                workers,
                plan,
                transport,
                logFolder,
                version,
                clock,
                providers,
                rateSlots,
                permitSlots,
                seed,
                filterOpenMax,
                credentials,
                stateFolder);
    }

    /** The same with a folder in which the counts of quotas are kept over a restart; they are found again by the same seed. */
    public EngineOptions keepingIn(Path folder) {
        return new EngineOptions(
                workers,
                cores,
                transport,
                logFolder,
                version,
                clock,
                providers,
                rateSlots,
                permitSlots,
                seed,
                filterOpenMax,
                credentials,
                Optional.of(folder));
    }

    /** The same with a seed that was used before. */
    public EngineOptions keyedBy(KeySeed known) {
        return new EngineOptions(
                workers,
                cores,
                transport,
                logFolder,
                version,
                clock,
                providers,
                rateSlots,
                permitSlots,
                known,
                filterOpenMax,
                credentials,
                stateFolder);
    }

    /** The same with stored secrets of consumers. */
    public EngineOptions with(CredentialSecrets stored) {
        return new EngineOptions(
                workers,
                cores,
                transport,
                logFolder,
                version,
                clock,
                providers,
                rateSlots,
                permitSlots,
                seed,
                filterOpenMax,
                stored,
                stateFolder);
    }
}
