package io.penstock.config;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** How a certificate is ordered, and ordered anew before it ends. */
public record CertificateAcmeConfig(
        @Doc("The ACME account that orders it.") String account,

        @Doc("The DNS names that it is to be for, without wildcards.")
        List<String> names,

        @Doc(
                "How the authority sees that they are served here: http-01 asks port 80 in clear text, tls-alpn-01 port 443.")
        @Default("http-01")
        AcmeChallengeType challenge,

        @Doc("How long before its end it is ordered anew; after two thirds of its life if absent.")
        Optional<Duration> renewBefore) {
    /** The most names of an order; what authorities take is about that. */
    static final int NAMES_MAX = 100;

    public CertificateAcmeConfig {
        names = List.copyOf(names);
        ValueChecks checks = new ValueChecks()
                .require(
                        !names.isEmpty() && names.size() <= NAMES_MAX,
                        "names",
                        "found " + names.size() + " names, wanted 1 to " + NAMES_MAX);
        renewBefore.ifPresent(
                before -> checks.between("renewBefore", before, Duration.ofMinutes(1), Duration.ofDays(365)));
        checks.end();
    }

    /** An order of some names by HTTP-01. */
    public static CertificateAcmeConfig of(String account, String... names) {
        return new CertificateAcmeConfig(account, List.of(names), AcmeChallengeType.HTTP_01, Optional.empty());
    }

    /** This, proven otherwise. */
    public CertificateAcmeConfig by(AcmeChallengeType other) {
        return new CertificateAcmeConfig(account, names, other, renewBefore);
    }
}
