package io.penstock.config;

import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Comparator;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Certificates of authorities that peers are believed by. */
public record CaBundleConfig(
        @Doc("Unique among its type: letters, digits, dots, underscores and hyphens.")
        String name,

        @Doc("The authorities' certificates in PEM, in any order.")
        String certificates,

        @Doc("Lists of certificates that these authorities have revoked, in PEM (X509 CRL).")
        Optional<String> revocationLists,

        @Doc("Words to select by, written key=value.") List<String> tags,
        @Doc("What the next operator should know.") Optional<String> note,

        @Doc("Whether it takes part; a disabled resource is checked and serves nothing.") @Default("true")
        boolean enabled,

        @Doc("The document that made it and may prune it.") Optional<String> owner)
        implements Resource {
    /** The most certificates of one bundle; the one of browsers has about 150. */
    static final int CERTIFICATES_MAX = 1000;

    private static final int TEXT_CHARS_MAX = 1024 * 1024;

    public CaBundleConfig {
        tags = List.copyOf(tags);
        new ValueChecks()
                .resource(name, tags, note, owner)
                .require(
                        certificates.length() <= TEXT_CHARS_MAX,
                        "certificates",
                        "found " + certificates.length() + " characters, wanted at most " + TEXT_CHARS_MAX)
                .require(
                        revocationLists.orElse("").length() <= TEXT_CHARS_MAX,
                        "revocationLists",
                        "found more than " + TEXT_CHARS_MAX + " characters")
                .end();
    }

    /** A bundle of a text. */
    public static CaBundleConfig of(String name, String certificates) {
        return new CaBundleConfig(
                name, certificates, Optional.empty(), List.of(), Optional.empty(), true, Optional.empty());
    }

    /** This with lists of revoked certificates. */
    public CaBundleConfig withRevocationLists(String lists) {
        return new CaBundleConfig(name, certificates, Optional.of(lists), tags, note, enabled, owner);
    }

    /** The lists of revoked certificates. */
    public List<X509CRL> revoked() throws PemText.Unreadable {
        return revocationLists.isPresent() ? PemText.revocationLists(revocationLists.get()) : List.of();
    }

    /** When the first of the lists is over (RFC 5280 section 5.1.2.5); empty if none says so. */
    public Optional<Instant> listsEnd() throws PemText.Unreadable {
        return revoked().stream()
                .flatMap(list -> Stream.ofNullable(list.getNextUpdate()))
                .map(Date::toInstant)
                .min(Comparator.naturalOrder());
    }

    /** The authorities, at least one. */
    public List<X509Certificate> authorities() throws PemText.Unreadable {
        return PemText.certificates(certificates, CERTIFICATES_MAX);
    }
}
