package io.penstock.transport.tls;

import io.penstock.config.IpAddress;
import io.penstock.config.PemText;
import io.penstock.mark.SharedByWorkers;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import javax.net.ssl.X509TrustManager;

/**
 * Which servers are believed: whose certificate an authority has signed that is believed (RFC 5280, by the JDK's PKIX), and holds one of
 * the wanted names among its subject alternative names (RFC 9525), and stands in no list of revoked ones; the common name counts for nothing. Immutable.
 */
@SharedByWorkers
final class PeerTrust extends X509ExtendedTrustManager {
    /** Where Debian, and most after it, keep the authorities of the system. */
    private static final Path SYSTEM = Path.of("/etc/ssl/certs/ca-certificates.crt");

    private static final int SYSTEM_CERTIFICATES_MAX = 1000;
    private static final int SAN_DNS = 2;
    private static final int SAN_IP = 7;

    private final X509TrustManager chains;
    private final Believed believed;
    private final List<String> names;

    private PeerTrust(X509TrustManager chains, Believed believed, List<String> names) {
        this.chains = chains;
        this.believed = believed;
        this.names = List.copyOf(names);
    }

    /**
     * Believes in these authorities.
     *
     * @param named those of the system if none
     * @param names one of which a certificate must hold; if none, the name that the server was asked for
     */
    static PeerTrust in(Believed named, List<String> names) throws GeneralSecurityException {
        List<X509Certificate> believed = named.namesNone() ? ofSystem() : named.authorities();
        TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
        if (named.namesNone() && believed.isEmpty()) {
            // Those that came with the Java runtime.
            factory.init((KeyStore) null);
        } else {
            factory.init(store(believed));
        }
        for (TrustManager manager : factory.getTrustManagers()) {
            if (manager instanceof X509TrustManager chains) {
                return new PeerTrust(chains, named, names);
            }
        }
        throw new GeneralSecurityException("this Java has no PKIX");
    }

    private static List<X509Certificate> ofSystem() {
        try {
            return PemText.certificates(Files.readString(SYSTEM, StandardCharsets.UTF_8), SYSTEM_CERTIFICATES_MAX);
        } catch (IOException | PemText.Unreadable absent) {
            return List.of();
        }
    }

    private static KeyStore store(List<X509Certificate> authorities) throws GeneralSecurityException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        try {
            store.load(null, null);
        } catch (IOException failed) {
            throw new GeneralSecurityException("an empty key store could not be made", failed);
        }
        for (int i = 0; i < authorities.size(); i++) {
            store.setCertificateEntry("authority-" + i, authorities.get(i));
        }
        return store;
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String kind, SSLEngine engine) throws CertificateException {
        check(chain, kind, engine.getPeerHost());
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String kind, Socket socket) throws CertificateException {
        if (!(socket instanceof SSLSocket secured)) {
            throw new CertificateException("not asked by a TLS connection");
        }
        check(chain, kind, secured.getHandshakeSession().getPeerHost());
    }

    private void check(X509Certificate[] chain, String kind, String asked) throws CertificateException {
        // First, so that an old certificate of a stranger is told from a stranger's.
        chain[0].checkValidity();
        believed.check(chain, () -> chains.checkServerTrusted(chain, kind));
        List<String> wanted = names.isEmpty() ? List.of(asked) : names;
        if (wanted.stream().noneMatch(name -> holds(chain[0], name))) {
            throw new PeerFault.WrongName("the certificate is for none of " + String.join(", ", wanted));
        }
    }

    private static boolean holds(X509Certificate certificate, String wanted) {
        Collection<List<?>> held;
        try {
            held = certificate.getSubjectAlternativeNames();
        } catch (CertificateException unreadable) {
            return false;
        }
        if (held == null) {
            return false;
        }
        Optional<IpAddress> address = IpAddress.of(wanted);
        String name = wanted.toLowerCase(Locale.ROOT);
        for (List<?> each : held) {
            if (each.get(1) instanceof String text) {
                boolean isHeld = address.isPresent()
                        ? each.get(0).equals(SAN_IP) && isSame(address.get(), text)
                        : each.get(0).equals(SAN_DNS) && isNamed(text.toLowerCase(Locale.ROOT), name);
                if (isHeld) {
                    return true;
                }
            }
        }
        return false;
    }

    private static boolean isSame(IpAddress wanted, String held) {
        return IpAddress.of(held)
                .filter(address -> Arrays.equals(address.bytes(), wanted.bytes()))
                .isPresent();
    }

    // An asterisk stands for the whole first label, and for no more (RFC 9525 section 6.3).
    private static boolean isNamed(String held, String wanted) {
        if (held.startsWith("*.")) {
            int dot = wanted.indexOf('.');
            return dot > 0 && wanted.substring(dot).equals(held.substring(1));
        }
        return held.equals(wanted);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String kind) throws CertificateException {
        throw new CertificateException("it is not known which name was asked for");
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String kind, Socket socket) throws CertificateException {
        throw notForClients();
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String kind, SSLEngine engine) throws CertificateException {
        throw notForClients();
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String kind) throws CertificateException {
        throw notForClients();
    }

    private static CertificateException notForClients() {
        return new CertificateException("this believes servers, not clients");
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        // A client names none.
        return new X509Certificate[0];
    }
}
