package io.penstock.transport.tls;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Certificates that the JDK's own tool makes. */
public final class TestCertificates {
    private static final String PASSWORD = "changeit";

    private TestCertificates() {}

    /**
     * A key and its certificate.
     *
     * @param chain the certificate and those that signed it
     * @param store where the tool keeps it
     */
    public record Pair(PrivateKey key, List<X509Certificate> chain, Path store) {
        public Pair {
            chain = List.copyOf(chain);
        }

        /** The certificate itself. */
        public X509Certificate certificate() {
            return chain.getFirst();
        }

        /** The pair of who shows its certificate alone. */
        public Pair alone() {
            return new Pair(key, List.of(certificate()), store);
        }

        /** The chain as text. */
        public String pem() throws GeneralSecurityException {
            StringBuilder text = new StringBuilder();
            for (X509Certificate each : chain) {
                text.append(TestCertificates.pem("CERTIFICATE", each.getEncoded()));
            }
            return text.toString();
        }

        /** The key as text. */
        public String keyPem() {
            return TestCertificates.pem("PRIVATE KEY", key.getEncoded());
        }
    }

    /** Bytes as PEM. */
    public static String pem(String kind, byte[] der) {
        return "-----BEGIN " + kind + "-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der) + "\n-----END " + kind + "-----\n";
    }

    /** Makes a pair for some names, signed by itself, good for a week. */
    public static Pair make(Path folder, String... names) throws IOException, GeneralSecurityException {
        return make(folder, List.of("-keyalg", "EC", "-groupname", "secp256r1", "-validity", "7"), names);
    }

    /**
     * Makes a pair, signed by itself.
     *
     * @param options of keytool, for the kind of the key and the time
     */
    public static Pair make(Path folder, List<String> options, String... names)
            throws IOException, GeneralSecurityException {
        Path store = Files.createTempFile(folder, "pair", ".p12");
        Files.delete(store);
        generate(store, "one", names[0], withNames(options, names));
        return read(store, "one");
    }

    /** Makes an authority and a pair that it signed. */
    public static Pair makeSigned(Path folder, String... names) throws IOException, GeneralSecurityException {
        return makeSigned(folder, List.of("-validity", "7"), names);
    }

    /** Makes an authority and a pair that it signed, with more options of keytool for the pair. */
    public static Pair makeSigned(Path folder, List<String> options, String... names)
            throws IOException, GeneralSecurityException {
        Path store = Files.createTempFile(folder, "signed", ".p12");
        Files.delete(store);
        List<String> curve = List.of("-keyalg", "EC", "-groupname", "secp256r1");
        List<String> ofAuthority = new ArrayList<>(curve);
        ofAuthority.addAll(List.of("-validity", "30", "-ext", "bc:c=ca:true"));
        generate(store, "authority", "authority of " + names[0], ofAuthority);
        List<String> ofPair = new ArrayList<>(curve);
        ofPair.addAll(options);
        ofPair.addAll(List.of("-signer", "authority"));
        generate(store, "one", names[0], withNames(ofPair, names));
        return read(store, "one");
    }

    /** Makes an authority and a pair that it signed, which has a common name and no other. */
    public static Pair makeNamedBySubject(Path folder, String commonName) throws IOException, GeneralSecurityException {
        return makeBelow(folder, 0, commonName, List.of());
    }

    /** Makes an authority, so many below it, each signed by the one above, and a pair that the last one signed. */
    public static Pair makeBelow(Path folder, int between, String name) throws IOException, GeneralSecurityException {
        return makeBelow(folder, between, name, List.of("-ext", "san=dns:" + name));
    }

    private static Pair makeBelow(Path folder, int between, String name, List<String> options)
            throws IOException, GeneralSecurityException {
        Path store = Files.createTempFile(folder, "below", ".p12");
        Files.delete(store);
        List<String> kind = List.of("-keyalg", "EC", "-groupname", "secp256r1", "-validity", "30");
        String above = "authority";
        List<String> ofAuthority = new ArrayList<>(kind);
        ofAuthority.addAll(List.of("-ext", "bc:c=ca:true"));
        generate(store, above, "authority of " + name, ofAuthority);
        for (int i = 0; i < between; i++) {
            List<String> ofNext = new ArrayList<>(ofAuthority);
            ofNext.addAll(List.of("-signer", above));
            above = "between-" + i;
            generate(store, above, above + " of " + name, ofNext);
        }
        List<String> ofPair = new ArrayList<>(kind);
        ofPair.addAll(options);
        ofPair.addAll(List.of("-signer", above));
        generate(store, "one", name, ofPair);
        return read(store, "one");
    }

    private static List<String> withNames(List<String> options, String... names) {
        List<String> all = new ArrayList<>(options);
        all.add("-ext");
        all.add("san=dns:" + String.join(",dns:", names));
        return all;
    }

    /** A list of its authority that revokes a signed pair, as a file in PEM. */
    public static Path revoke(Path folder, Pair pair) throws IOException {
        return revoke(folder, pair, pair.certificate());
    }

    /** A list of a pair's highest authority that revokes one that it signed, as a file in PEM. */
    public static Path revoke(Path folder, Pair pair, X509Certificate revoked) throws IOException {
        Path list = folder.resolve("revoked.pem");
        run(List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-gencrl",
                "-rfc",
                "-alias",
                "authority",
                "-id",
                revoked.getSerialNumber().toString(),
                "-storetype",
                "PKCS12",
                "-storepass",
                PASSWORD,
                "-keystore",
                pair.store().toString(),
                "-file",
                list.toString()));
        return list;
    }

    private static void generate(Path store, String alias, String commonName, List<String> options) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-alias",
                alias,
                "-dname",
                "CN=" + commonName,
                "-storetype",
                "PKCS12",
                "-storepass",
                PASSWORD,
                "-keystore",
                store.toString()));
        command.addAll(options);
        run(command);
    }

    private static void run(List<String> command) throws IOException {
        Process tool = new ProcessBuilder(command).redirectErrorStream(true).start();
        try {
            String said = new String(tool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (!tool.waitFor(60, TimeUnit.SECONDS) || tool.exitValue() != 0) {
                throw new IOException("keytool: " + said);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
    }

    private static Pair read(Path file, String alias) throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(file)) {
            store.load(in, PASSWORD.toCharArray());
        }
        Certificate[] chain = store.getCertificateChain(alias);
        return new Pair(
                (PrivateKey) store.getKey(alias, PASSWORD.toCharArray()),
                Arrays.stream(chain).map(X509Certificate.class::cast).toList(),
                file);
    }
}
