package io.penstock.engine;

import io.penstock.filter.AccessFilter;
import io.penstock.filter.ApiKeyAuthenticator;
import io.penstock.filter.BasicAuthenticator;
import io.penstock.filter.ClientCertificateAuthenticator;
import io.penstock.filter.CompressFilter;
import io.penstock.filter.CorsFilter;
import io.penstock.filter.DecompressFilter;
import io.penstock.filter.ErrorPagesFilter;
import io.penstock.filter.FaultFilter;
import io.penstock.filter.ForwardAuthenticator;
import io.penstock.filter.HeadersFilter;
import io.penstock.filter.HmacAuthenticator;
import io.penstock.filter.IntrospectionAuthenticator;
import io.penstock.filter.IssuerDocuments;
import io.penstock.filter.JsonBodyFilter;
import io.penstock.filter.JwtAuthenticator;
import io.penstock.filter.MaintenanceFilter;
import io.penstock.filter.MirrorFilter;
import io.penstock.filter.OidcAuthenticator;
import io.penstock.filter.RewriteFilter;
import io.penstock.snapshot.FilterSources;
import io.penstock.spi.AuthenticatorProvider;
import io.penstock.spi.CredentialSecrets;
import io.penstock.spi.FilterProvider;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;

/** The filters and authenticators that come with the gateway, behind those that an engine is started with. */
final class BuiltInFilters {
    private static final int PROCESS_KEY_BYTES = 32;

    private BuiltInFilters() {}

    static FilterSources sources(EngineOptions options, PasswordThread passwords, SecureRandom random) {
        List<FilterProvider> providers = new ArrayList<>(options.providers());
        providers.add(AccessFilter.provider());
        providers.add(CorsFilter.provider());
        providers.add(ErrorPagesFilter.provider());
        providers.add(MaintenanceFilter.provider());
        providers.add(FaultFilter.provider(random.nextLong()));
        providers.add(RewriteFilter.provider());
        providers.add(HeadersFilter.provider());
        providers.add(MirrorFilter.provider());
        providers.add(CompressFilter.provider());
        providers.add(DecompressFilter.provider());
        providers.add(JsonBodyFilter.provider());
        List<AuthenticatorProvider> authenticators = authenticators(options.credentials(), passwords, random);
        return new FilterSources(providers, authenticators, options.credentials());
    }

    static List<AuthenticatorProvider> authenticators(
            CredentialSecrets credentials, Executor passwords, SecureRandom random) {
        IssuerDocuments keySets = new IssuerDocuments();
        byte[] processKey = new byte[PROCESS_KEY_BYTES];
        random.nextBytes(processKey);
        return List.of(
                ApiKeyAuthenticator.provider(),
                BasicAuthenticator.provider(passwords, processKey),
                HmacAuthenticator.provider(),
                ClientCertificateAuthenticator.provider(),
                JwtAuthenticator.provider(keySets, processKey),
                IntrospectionAuthenticator.provider(credentials::named, processKey),
                ForwardAuthenticator.provider(),
                OidcAuthenticator.provider(keySets, credentials::named, processKey));
    }
}
