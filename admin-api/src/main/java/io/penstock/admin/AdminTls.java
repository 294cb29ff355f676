package io.penstock.admin;

import io.penstock.admin.store.DataFolder;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Instant;
import java.util.Base64;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/** The key and certificate that the admin API serves HTTPS with. Immutable. */
public final class AdminTls {
    static final String KEY_FILE = "admin-tls.key";
    static final String CERTIFICATE_FILE = "admin-tls.crt";

    private static final List<String> KEY_ALGORITHMS = List.of("EC", "RSA", "EdDSA");

    private final SSLContext context;
    private final X509Certificate certificate;

    private AdminTls(PrivateKey key, List<X509Certificate> chain) throws GeneralSecurityException, IOException {
        this.certificate = chain.getFirst();
        KeyStore keys = KeyStore.getInstance("PKCS12");
        keys.load(null, null);
        keys.setKeyEntry("admin", key, new char[0], chain.toArray(Certificate[]::new));
        KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(keys, new char[0]);
        this.context = SSLContext.getInstance("TLS");
        context.init(factory.getKeyManagers(), null, null);
    }

    /** The key in the data folder; made at the first start and when its certificate has run out. */
    public static AdminTls inFolder(DataFolder folder, InetAddress address, Instant now, SecureRandom random)
            throws AdminRefused {
        try {
            Optional<String> key = folder.readSecret(KEY_FILE);
            Optional<String> chain = folder.readSecret(CERTIFICATE_FILE);
            if (key.isPresent() && chain.isPresent()) {
                AdminTls kept = of(key.get(), chain.get());
                if (now.isBefore(kept.certificate.getNotAfter().toInstant())) {
                    return kept;
                }
            }
            List<InetAddress> addresses = address.isAnyLocalAddress()
                    ? List.of(InetAddress.ofLiteral("127.0.0.1"), InetAddress.ofLiteral("::1"))
                    : List.of(address);
            SelfSigned made = SelfSigned.make(addresses, List.of("localhost"), now, random);
            // The key first: a certificate without its key would be an error at the next start, a key alone is made
            // anew.
            folder.delete(CERTIFICATE_FILE);
            folder.writeSecret(
                    KEY_FILE, pem("PRIVATE KEY", made.keys().getPrivate().getEncoded()));
            folder.writeSecret(
                    CERTIFICATE_FILE, pem("CERTIFICATE", made.certificate().getEncoded()));
            return new AdminTls(made.keys().getPrivate(), List.of(made.certificate()));
        } catch (GeneralSecurityException | IOException | UncheckedIOException failed) {
            throw new AdminRefused(
                    "the key for the admin API in " + folder.path() + " cannot be read or made: " + failed.getMessage()
                            + ". Remove " + KEY_FILE + " and " + CERTIFICATE_FILE + " to get new ones.",
                    failed);
        }
    }

    /** A key (PKCS #8) and its certificates, the own one first, both in PEM. */
    public static AdminTls ofFiles(Path certificates, Path key) throws AdminRefused {
        try {
            return of(Files.readString(key), Files.readString(certificates));
        } catch (GeneralSecurityException | IOException | IllegalArgumentException failed) {
            throw new AdminRefused(
                    "--admin-cert " + certificates + " and --admin-key " + key + " cannot be used: "
                            + failed.getMessage() + ". Give a PEM certificate chain and its unencrypted PKCS #8 key.",
                    failed);
        }
    }

    private static AdminTls of(String key, String chain) throws GeneralSecurityException, IOException {
        Collection<? extends Certificate> certificates = CertificateFactory.getInstance("X.509")
                .generateCertificates(new ByteArrayInputStream(chain.getBytes(StandardCharsets.US_ASCII)));
        List<X509Certificate> all =
                certificates.stream().map(X509Certificate.class::cast).toList();
        if (all.isEmpty()) {
            throw new GeneralSecurityException("there is no certificate");
        }
        PrivateKey privateKey = privateKey(key);
        requirePair(privateKey, all.getFirst());
        return new AdminTls(privateKey, all);
    }

    private static PrivateKey privateKey(String pem) throws GeneralSecurityException {
        int begin = pem.indexOf("-----BEGIN PRIVATE KEY-----");
        int end = pem.indexOf("-----END PRIVATE KEY-----");
        if (begin < 0 || end < begin) {
            throw new GeneralSecurityException("there is no BEGIN PRIVATE KEY");
        }
        byte[] encoded = Base64.getMimeDecoder().decode(pem.substring(begin + 27, end));
        GeneralSecurityException none =
                new GeneralSecurityException("the key is of none of the algorithms " + KEY_ALGORITHMS);
        for (String algorithm : KEY_ALGORITHMS) {
            try {
                return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(encoded));
            } catch (GeneralSecurityException another) {
                // The encoding says which algorithm; the platform wants to be asked for each.
                none.addSuppressed(another);
            }
        }
        throw none;
    }

    private static void requirePair(PrivateKey key, X509Certificate certificate) throws GeneralSecurityException {
        String algorithm = switch (key.getAlgorithm()) {
            case "EC" -> "SHA256withECDSA";
            case "RSA" -> "SHA256withRSA";
            default -> "EdDSA";
        };
        byte[] sample = "pair".getBytes(StandardCharsets.US_ASCII);
        Signature signer = Signature.getInstance(algorithm);
        signer.initSign(key);
        signer.update(sample);
        byte[] signature = signer.sign();
        Signature verifier = Signature.getInstance(algorithm);
        verifier.initVerify(certificate.getPublicKey());
        verifier.update(sample);
        if (!verifier.verify(signature)) {
            throw new GeneralSecurityException("the key is not the certificate's");
        }
    }

    private static String pem(String what, byte[] encoded) {
        return "-----BEGIN " + what + "-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(encoded) + "\n-----END " + what
                + "-----\n";
    }

    SSLContext context() {
        return context;
    }

    X509Certificate certificate() {
        return certificate;
    }

    /** SHA-256 of the certificate, as {@code AB:CD:...}: what a caller compares at the first connection. */
    public String fingerprint() {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(certificate.getEncoded());
            return HexFormat.ofDelimiter(":").formatHex(digest).toUpperCase(Locale.ROOT);
        } catch (GeneralSecurityException missing) {
            throw new IllegalStateException("Every Java platform must have SHA-256", missing);
        }
    }
}
