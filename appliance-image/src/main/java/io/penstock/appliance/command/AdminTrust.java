package io.penstock.appliance.command;

import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.CertificateEncodingException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * Which certificate of an admin API is believed: the one with a fingerprint, whatever names it bears; without one, what this machine's
 * authorities vouch for, for the name that was asked for. Remembers what was shown, for the words about it. One thread at a time.
 */
final class AdminTrust extends X509ExtendedTrustManager {
    private static final int BYTES = 32;

    private final Optional<String> wanted;
    private final X509ExtendedTrustManager authorities;
    private volatile String refused = "";

    private AdminTrust(Optional<String> wanted, X509ExtendedTrustManager authorities) {
        this.wanted = wanted;
        this.authorities = authorities;
    }

    /** @param fingerprint as {@link #normal} gives it */
    static AdminTrust of(Optional<String> fingerprint) {
        try {
            TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            factory.init((KeyStore) null);
            for (TrustManager manager : factory.getTrustManagers()) {
                if (manager instanceof X509ExtendedTrustManager found) {
                    return new AdminTrust(fingerprint, found);
                }
            }
            throw new IllegalStateException("the JDK has no trust manager for X.509");
        } catch (GeneralSecurityException failed) {
            throw new IllegalStateException(failed);
        }
    }

    /** A SHA-256 fingerprint as it is compared, from how people write it: with colons or without, in any case. */
    static String normal(String text) {
        String digits = text.strip().replace(":", "").toUpperCase(Locale.ROOT);
        if (!digits.matches("[0-9A-F]{" + 2 * BYTES + "}")) {
            throw new CommandFailure(
                    ExitCode.USAGE,
                    "fingerprint " + PlainText.of(text) + ": wanted the SHA-256 of a certificate, " + BYTES
                            + " bytes in hex with colons or without, as the gateway's console and log show it");
        }
        return HexFormat.ofDelimiter(":")
                .withUpperCase()
                .formatHex(HexFormat.of().parseHex(digits));
    }

    SSLContext context() {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, new TrustManager[] {this}, null);
            return context;
        } catch (GeneralSecurityException failed) {
            throw new IllegalStateException(failed);
        }
    }

    /** What is wrong with the certificate that was shown last, and the way out; empty if nothing was. */
    Optional<String> complaint() {
        if (refused.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(
                wanted.isPresent()
                        ? "its certificate has the fingerprint " + refused + ", wanted " + wanted.get()
                                + ". Either it was made anew, which the gateway's console and log show, or somebody else answers there"
                        : "its certificate is none that this machine trusts for that name (SHA-256 " + refused
                                + "). If the gateway's console or log shows the same fingerprint, say --fingerprint "
                                + refused + "; penstock context add keeps it");
    }

    private void look(X509Certificate[] chain, Check byAuthorities) throws CertificateException {
        String shown = fingerprint(chain[0]);
        refused = shown;
        if (wanted.isEmpty()) {
            byAuthorities.run();
        } else if (!wanted.get().equals(shown)) {
            throw new CertificateException("the certificate is not the one that was named");
        }
        refused = "";
    }

    private static String fingerprint(X509Certificate certificate) throws CertificateEncodingException {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(certificate.getEncoded());
            return HexFormat.ofDelimiter(":").withUpperCase().formatHex(digest);
        } catch (NoSuchAlgorithmException absent) {
            throw new IllegalStateException("every JDK has SHA-256", absent);
        }
    }

    @FunctionalInterface
    private interface Check {
        void run() throws CertificateException;
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) throws CertificateException {
        look(chain, () -> authorities.checkServerTrusted(chain, type, engine));
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) throws CertificateException {
        look(chain, () -> authorities.checkServerTrusted(chain, type, socket));
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) throws CertificateException {
        look(chain, () -> authorities.checkServerTrusted(chain, type));
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) throws CertificateException {
        authorities.checkClientTrusted(chain, type, engine);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) throws CertificateException {
        authorities.checkClientTrusted(chain, type, socket);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) throws CertificateException {
        authorities.checkClientTrusted(chain, type);
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return wanted.isPresent() ? new X509Certificate[0] : authorities.getAcceptedIssuers();
    }
}
