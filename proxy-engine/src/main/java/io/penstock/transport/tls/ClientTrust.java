package io.penstock.transport.tls;

import io.penstock.mark.SharedByWorkers;
import java.io.IOException;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;

/** Which certificates of clients are believed: signed by one of some authorities, and on none of their lists of revoked ones. */
@SharedByWorkers
public final class ClientTrust extends X509ExtendedTrustManager {
    private final X509ExtendedTrustManager authorities;
    private final Believed believed;
    private final boolean isRequired;
    private final TlsLibrary library;

    /**
     * Believes what these signed.
     *
     * @param library which asks
     * @param isRequired whether a client without a certificate is refused
     */
    public ClientTrust(TlsLibrary library, Believed believed, boolean isRequired) throws GeneralSecurityException {
        this.library = library;
        this.authorities = manager(believed.authorities());
        this.believed = believed;
        this.isRequired = isRequired;
    }

    private static X509ExtendedTrustManager manager(List<X509Certificate> authorities) throws GeneralSecurityException {
        try {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            for (int i = 0; i < authorities.size(); i++) {
                store.setCertificateEntry("authority " + i, authorities.get(i));
            }
            TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
            factory.init(store);
            for (TrustManager each : factory.getTrustManagers()) {
                if (each instanceof X509ExtendedTrustManager found) {
                    return found;
                }
            }
        } catch (IOException impossible) {
            throw new IllegalStateException("an empty store is read from nowhere", impossible);
        }
        throw new IllegalStateException("the platform has no X.509 trust manager");
    }

    /** Whether a client without a certificate is refused. */
    public boolean isRequired() {
        return isRequired;
    }

    private void check(X509Certificate[] chain, Believed.Check authorized) throws CertificateException {
        try {
            // First, so that an old certificate of a stranger is told from a stranger's.
            chain[0].checkValidity();
            believed.check(chain, authorized);
        } catch (CertificateException refused) {
            throw ClientRefusal.of(refused).told(library, refused);
        }
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String kind, SSLEngine engine) throws CertificateException {
        check(chain, () -> authorities.checkClientTrusted(chain, kind, engine));
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String kind) throws CertificateException {
        check(chain, () -> authorities.checkClientTrusted(chain, kind));
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String kind, Socket socket) throws CertificateException {
        checkClientTrusted(chain, kind);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String kind, Socket socket) throws CertificateException {
        checkServerTrusted(chain, kind);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String kind, SSLEngine engine) throws CertificateException {
        checkServerTrusted(chain, kind);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String kind) throws CertificateException {
        throw new CertificateException("this side is the server");
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return authorities.getAcceptedIssuers();
    }
}
