package io.penstock.appliance;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/**
 * Where logs are shipped to.
 *
 * @param authorities certificates in PEM, of whom the collector's must come; those that Java trusts if empty
 */
record SyslogTarget(String host, int port, Optional<Path> authorities) {
    private static final String SCHEME = "tls:";
    private static final int PORT_MAX = 65_535;

    /** Of what stands on the command line: {@code tls:HOST:PORT}. */
    static SyslogTarget parse(String text, Optional<Path> authorities) {
        String address =
                text.startsWith(SCHEME) ? text.substring(SCHEME.length()).replaceFirst("^//", "") : "";
        int colon = address.lastIndexOf(':');
        String port = address.substring(colon + 1);
        if (colon < 1 || !port.matches("[0-9]{1,5}") || Integer.parseInt(port) > PORT_MAX || port.matches("0+")) {
            throw new IllegalArgumentException(
                    "--syslog: found \"" + text + "\", wanted tls:HOST:PORT, for example tls:logs.example:6514");
        }
        String host = address.substring(0, colon).replaceFirst("^\\[(.*)]$", "$1");
        return new SyslogTarget(host, Integer.parseInt(port), authorities);
    }

    /** Whom to trust. */
    SSLContext tls() throws StartFailure {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(authorities.isPresent() ? store(authorities.get()) : null);
            context.init(null, trust.getTrustManagers(), null);
            return context;
        } catch (GeneralSecurityException | IOException unusable) {
            throw new StartFailure(
                    StartFailure.Kind.OTHER,
                    "--syslog-ca " + authorities.map(Path::toString).orElse("")
                            + ": no certificates in PEM can be read from it (" + unusable + ")",
                    unusable);
        }
    }

    private static KeyStore store(Path file) throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        try (InputStream in = Files.newInputStream(file)) {
            for (Certificate one : CertificateFactory.getInstance("X.509").generateCertificates(in)) {
                store.setCertificateEntry("ca" + store.size(), one);
            }
        }
        if (store.size() == 0) {
            throw new IOException("it holds none");
        }
        return store;
    }
}
