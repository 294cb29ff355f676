package io.penstock.transport.tls;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.concurrent.TimeUnit;

/** Certificates that the JDK's own tool makes, each signed by itself. */
public final class TestCertificates {
    private TestCertificates() {}

    /** A key and its certificate. */
    public record Pair(PrivateKey key, X509Certificate certificate) {}

    /** Makes a pair for some names. */
    public static Pair make(Path folder, String... names) throws IOException, GeneralSecurityException {
        Path file = folder.resolve(names[0].replace('*', '_') + ".p12");
        String alternatives = "san=dns:" + String.join(",dns:", names);
        Process tool = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-alias",
                        "one",
                        "-keyalg",
                        "EC",
                        "-groupname",
                        "secp256r1",
                        "-dname",
                        "CN=" + names[0],
                        "-ext",
                        alternatives,
                        "-validity",
                        "7",
                        "-storetype",
                        "PKCS12",
                        "-storepass",
                        "changeit",
                        "-keystore",
                        file.toString())
                .redirectErrorStream(true)
                .start();
        try {
            String said = new String(tool.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
            if (!tool.waitFor(60, TimeUnit.SECONDS) || tool.exitValue() != 0) {
                throw new IOException("keytool: " + said);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(file)) {
            store.load(in, "changeit".toCharArray());
        }
        return new Pair((PrivateKey) store.getKey("one", "changeit".toCharArray()), (X509Certificate)
                store.getCertificate("one"));
    }
}
