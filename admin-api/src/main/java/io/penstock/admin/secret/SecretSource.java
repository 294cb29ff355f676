package io.penstock.admin.secret;

import io.penstock.config.NamedMap;
import io.penstock.config.SecretConfig;
import io.penstock.config.SecretValue;
import java.time.Clock;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Gives plugins the values of the secrets they are set up with, by name: what {@code {secret: NAME}} in their settings
 * becomes. Safe from any thread but a worker.
 *
 * <p>Settings of a configuration that is prepared name the value too, as {@code NAME@ID}: another value makes them other
 * settings, so that what was set up with the old one is set up anew, beside it.
 */
public final class SecretSource {
    private static final char DIVIDER = '@';

    private final SecretVault vault;
    private final Clock clock;
    private final Map<String, Instant> lastReads = new ConcurrentHashMap<>();

    private volatile NamedMap<SecretConfig> prepared = NamedMap.empty();
    private volatile NamedMap<SecretConfig> served = NamedMap.empty();

    /** A source of what a vault opens. */
    public SecretSource(SecretVault vault, Clock clock) {
        this.vault = vault;
        this.clock = clock;
    }

    /** A configuration with these secrets is prepared from now on. */
    void prepare(NamedMap<SecretConfig> secrets) {
        prepared = secrets;
    }

    /** The configuration that was prepared last is served from now on. */
    void serve(NamedMap<SecretConfig> secrets) {
        served = secrets;
    }

    /** How settings name the present value of a secret; the name alone if there is none that may be used. */
    static String pinned(NamedMap<SecretConfig> secrets, String name) {
        return secrets.find(name)
                .filter(SecretConfig::enabled)
                .map(SecretConfig::value)
                .filter(SecretValue.Sealed.class::isInstance)
                .map(value -> name + DIVIDER + ((SecretValue.Sealed) value).id())
                .orElse(name);
    }

    /**
     * The value that a name in settings stands for.
     *
     * @param reference a name, which stands for what is served, or a name and the id of the value that is meant in what is
     *     prepared
     */
    public Optional<String> value(String reference) {
        int at = reference.indexOf(DIVIDER);
        String name = at < 0 ? reference : reference.substring(0, at);
        return (at < 0 ? served : prepared)
                .find(name)
                .filter(SecretConfig::enabled)
                .map(SecretConfig::value)
                .filter(value -> value instanceof SecretValue.Sealed sealed
                        && (at < 0 || sealed.id().equals(reference.substring(at + 1))))
                .map(value -> {
                    lastReads.put(name, clock.instant());
                    return vault.open((SecretValue.Sealed) value);
                });
    }

    /** When a secret's value was last given out by this process. */
    public Optional<Instant> lastRead(String name) {
        return Optional.ofNullable(lastReads.get(name));
    }
}
