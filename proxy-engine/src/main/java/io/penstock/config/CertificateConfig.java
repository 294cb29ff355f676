package io.penstock.config;

import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/** A certificate that https listeners show their clients, and its key. */
public record CertificateConfig(
        @Doc("Unique among its type: letters, digits, dots, underscores and hyphens.")
        String name,

        @Doc(
                "The server names it is shown for: exact ones, or *. and a suffix for one label more. If absent, those that the certificate is for.")
        List<String> snis,

        @Doc(
                "The chain in PEM: the server's own certificate first, then the one that signed it, and so on; with acme, written by the gateway.")
        Optional<String> certificate,

        @Doc(
                "The private key in PEM without a password (PKCS #8, PKCS #1, SEC 1), never given back; {stored: id} keeps the key that is stored.")
        Optional<SecretValue> key,

        @Doc("Has an authority issue it, and issue it anew before it ends, in place of certificate and key.")
        Optional<CertificateAcmeConfig> acme,

        @Doc(
                "What the authority says of its state (OCSP, RFC 6960), as it signed it, in base64; shown to clients that ask for it.")
        Optional<String> ocspResponse,

        @Doc(
                "Whether the gateway asks the authority for that itself, at the http URL that the certificate names, and shows it as long as it holds.")
        @Default("false")
        boolean fetchOcsp,

        @Doc("Whether clients that ask for its names show a certificate of theirs, in place of what the listener says.")
        Optional<ClientCertificateConfig> clientCertificate,

        @Doc("Words to select by, written key=value.") List<String> tags,
        @Doc("What the next operator should know.") Optional<String> note,

        @Doc("Whether it may be shown; a disabled resource is checked and serves nothing.") @Default("true")
        boolean enabled,

        @Doc("The document that made it and may prune it.") Optional<String> owner)
        implements Resource {
    /** The most names of one certificate. */
    static final int NAMES_MAX = 256;

    private static final int TEXT_CHARS_MAX = 256 * 1024;

    public CertificateConfig {
        snis = List.copyOf(snis);
        tags = List.copyOf(tags);
        new ValueChecks()
                .resource(name, tags, note, owner)
                .count("snis", "names", snis.size(), NAMES_MAX)
                .require(
                        certificate.orElse("").length() <= TEXT_CHARS_MAX,
                        "certificate",
                        "found " + certificate.orElse("").length() + " characters, wanted at most " + TEXT_CHARS_MAX)
                .end();
    }

    /** A pair that is shown for the names in the certificate. */
    public static CertificateConfig of(String name, String certificate, SecretValue key) {
        return new CertificateConfig(
                name,
                List.of(),
                Optional.of(certificate),
                Optional.of(key),
                Optional.empty(),
                Optional.empty(),
                false,
                Optional.empty(),
                List.of(),
                Optional.empty(),
                true,
                Optional.empty());
    }

    /** One that is to be issued. */
    public static CertificateConfig ordered(String name, CertificateAcmeConfig how) {
        return new CertificateConfig(
                name,
                List.of(),
                Optional.empty(),
                Optional.empty(),
                Optional.of(how),
                Optional.empty(),
                false,
                Optional.empty(),
                List.of(),
                Optional.empty(),
                true,
                Optional.empty());
    }

    /** This with the key in another form. */
    public CertificateConfig with(SecretValue other) {
        return withPair(certificate, Optional.of(other));
    }

    /** This with another pair, or none. */
    public CertificateConfig withPair(Optional<String> chain, Optional<SecretValue> itsKey) {
        return new CertificateConfig(
                name,
                snis,
                chain,
                itsKey,
                acme,
                ocspResponse,
                fetchOcsp,
                clientCertificate,
                tags,
                note,
                enabled,
                owner);
    }

    /** This for these names. */
    public CertificateConfig withSnis(String... names) {
        return new CertificateConfig(
                name,
                List.of(names),
                certificate,
                key,
                acme,
                ocspResponse,
                fetchOcsp,
                clientCertificate,
                tags,
                note,
                enabled,
                owner);
    }

    /** This with a response of the authority. */
    public CertificateConfig withOcspResponse(byte[] response) {
        return new CertificateConfig(
                name,
                snis,
                certificate,
                key,
                acme,
                Optional.of(Base64.getEncoder().encodeToString(response)),
                fetchOcsp,
                clientCertificate,
                tags,
                note,
                enabled,
                owner);
    }

    /** This, whose clients show a certificate too. */
    public CertificateConfig withClientCertificate(ClientCertificateConfig asked) {
        return new CertificateConfig(
                name,
                snis,
                certificate,
                key,
                acme,
                ocspResponse,
                fetchOcsp,
                Optional.of(asked),
                tags,
                note,
                enabled,
                owner);
    }

    /** This, whose state its authority is asked for. */
    public CertificateConfig withFetchedOcsp() {
        return new CertificateConfig(
                name, snis, certificate, key, acme, ocspResponse, true, clientCertificate, tags, note, enabled, owner);
    }

    /** Whether there is something to show: one that is ordered has nothing until it is issued. */
    public boolean hasPair() {
        return certificate.isPresent() && key.isPresent();
    }

    /** The authority's response; empty if there is none. */
    public byte[] ocsp() {
        return Base64.getMimeDecoder().decode(ocspResponse.orElse(""));
    }

    /** The certificates of the chain, at least one. */
    public List<X509Certificate> chain() throws PemText.Unreadable {
        if (certificate.isEmpty()) {
            throw new PemText.Unreadable("found no certificate");
        }
        return PemText.certificates(certificate.get());
    }

    /** The names that it is shown for, in lower case; empty where it can only stand for all others. */
    public List<String> serverNames(List<X509Certificate> chain) {
        return snis.isEmpty() ? CertificateFacts.of(chain.getFirst()).names() : snis;
    }
}
