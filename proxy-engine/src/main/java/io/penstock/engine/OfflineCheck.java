package io.penstock.engine;

import io.penstock.config.ConfigProblem;
import io.penstock.config.ProxyConfig;
import io.penstock.config.SecretValue;
import io.penstock.filter.JsonBodyFilter;
import io.penstock.snapshot.FilterSources;
import io.penstock.snapshot.WrittenCheck;
import io.penstock.spi.CredentialSecrets;
import io.penstock.spi.FilterProvider;
import java.security.SecureRandom;
import java.util.List;
import java.util.Optional;

/** What an engine refuses by what is written in a config alone, told where there is no engine. */
public final class OfflineCheck {
    private static final int SECRET_CHARS = 64;

    private OfflineCheck() {}

    /** All that stands against a config that has passed the validator, as far as it can be told here. */
    public static List<ConfigProblem> problems(ProxyConfig config) {
        CredentialSecrets secrets = anySecrets();
        // Of the other built-in filters none refuses anything when it prepares, and some load native libraries.
        List<FilterProvider> filters = List.of(JsonBodyFilter.provider());
        return WrittenCheck.problems(
                config,
                new FilterSources(
                        filters, BuiltInFilters.authenticators(secrets, Runnable::run, new SecureRandom()), secrets));
    }

    // Which secrets there are, only a gateway knows: any of them could have a value that is long enough.
    private static CredentialSecrets anySecrets() {
        CredentialSecrets none = CredentialSecrets.none();
        return new CredentialSecrets() {
            @Override
            public byte[] digestKey() {
                return none.digestKey();
            }

            @Override
            public String open(SecretValue.Sealed sealed) {
                return none.open(sealed);
            }

            @Override
            public Optional<String> named(String reference) {
                return Optional.of("s".repeat(SECRET_CHARS));
            }
        };
    }
}
