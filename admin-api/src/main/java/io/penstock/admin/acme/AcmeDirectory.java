package io.penstock.admin.acme;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.shredzone.acme4j.connector.NetworkSettings;
import org.shredzone.acme4j.provider.GenericAcmeProvider;

/** How an authority's directory is reached: over HTTPS, believing the authorities of a bundle, or those of the platform. */
final class AcmeDirectory extends GenericAcmeProvider {
    private final List<X509Certificate> believed;

    /** @param believed who must have signed the directory's own certificate; none for those of the platform */
    AcmeDirectory(List<X509Certificate> believed) {
        this.believed = List.copyOf(believed);
    }

    @Override
    public boolean accepts(URI directory) {
        return "https".equals(directory.getScheme());
    }

    @Override
    public HttpClient createHttpClient(NetworkSettings settings) {
        HttpClient.Builder builder = HttpClient.newBuilder()
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(settings.getTimeout());
        if (!believed.isEmpty()) {
            builder.sslContext(context());
        }
        return builder.build();
    }

    private SSLContext context() {
        try {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            for (int i = 0; i < believed.size(); i++) {
                store.setCertificateEntry("authority-" + i, believed.get(i));
            }
            TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
            factory.init(store);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, factory.getTrustManagers(), null);
            return context;
        } catch (GeneralSecurityException | IOException impossible) {
            throw new IllegalStateException("authorities that were read can be believed", impossible);
        }
    }
}
