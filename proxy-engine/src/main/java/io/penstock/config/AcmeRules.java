package io.penstock.config;

import io.penstock.config.Problems.Scope;

/** What certificates must keep that authorities issue. */
final class AcmeRules {
    private AcmeRules() {}

    /** Checks that a certificate has a pair, or a way to one. */
    static void check(CertificateConfig certificate, Scope at) {
        boolean hasChain = certificate.certificate().isPresent();
        boolean hasKey = certificate.key().isPresent();
        if (certificate.acme().isEmpty() || hasChain != hasKey) {
            String way = "write certificate and key both, or acme in place of them";
            if (!hasChain) {
                at.in("certificate").add(ConfigProblem.REQUIRED, "\"certificate\" is missing", way);
            }
            if (!hasKey) {
                at.in("key").add(ConfigProblem.REQUIRED, "\"key\" is missing", way);
            }
        }
        certificate.acme().ifPresent(acme -> check(acme, at.in("acme").in("names")));
    }

    private static void check(CertificateAcmeConfig acme, Scope at) {
        for (int i = 0; i < acme.names().size(); i++) {
            String name = acme.names().get(i);
            boolean isWildcard = name.startsWith("*.");
            if (!TlsRules.isHostName(name)) {
                at.in(i)
                        .add(
                                ConfigProblem.BAD_VALUE,
                                "found \"" + ValueText.shown(name) + "\", wanted a DNS name in lower case"
                                        + (isWildcard
                                                ? " without \"*.\": authorities believe wildcards by DNS records"
                                                        + " alone, which this version does not write"
                                                : ""),
                                isWildcard ? "write each name" : "for example \"shop.example\"");
            }
        }
        RouteRules.checkDistinct(acme.names(), at);
    }
}
