package io.penstock.snapshot;

import io.penstock.spi.AuthenticatorProvider;
import io.penstock.spi.CredentialSecrets;
import io.penstock.spi.FilterProvider;
import java.util.List;

/**
 * Where the code of chains and the secrets of consumers come from.
 *
 * @param filters makers of filters; of two for one type, the first
 * @param authenticators makers of built-in authenticators
 * @param secrets what is stored of credentials
 */
public record FilterSources(
        List<FilterProvider> filters, List<AuthenticatorProvider> authenticators, CredentialSecrets secrets) {
    public FilterSources {
        filters = List.copyOf(filters);
        authenticators = List.copyOf(authenticators);
    }

    /** Filters alone: no built-in authenticator, and no credential that is stored. */
    public static FilterSources of(List<FilterProvider> filters) {
        return new FilterSources(filters, List.of(), CredentialSecrets.none());
    }
}
