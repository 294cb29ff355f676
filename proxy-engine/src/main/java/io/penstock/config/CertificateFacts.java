package io.penstock.config;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a certificate says, for people and for the choice by name.
 *
 * @param commonName the one of the subject; empty if it has none, or one that is no name of hosts or consumers
 * @param names the DNS names it is for, in lower case; the common name where it holds none
 * @param dnsNames the DNS names that its authority gave it as such (RFC 5280 section 4.2.1.6), in lower case
 * @param keyType such as {@code EC 256} or {@code RSA 2048}
 * @param fingerprint SHA-256 over the certificate, in hexadecimal digits
 */
public record CertificateFacts(
        String subject,
        String commonName,
        String issuer,
        List<String> names,
        List<String> dnsNames,
        Instant notBefore,
        Instant notAfter,
        String keyType,
        String fingerprint) {
    private static final int DNS_NAME = 2;
    private static final Pattern COMMON_NAME = Pattern.compile("(?:^|,)CN=([A-Za-z0-9*._-]{1,253})(?:,|$)");

    public CertificateFacts {
        names = List.copyOf(names);
        dnsNames = List.copyOf(dnsNames);
    }

    /** Reads them off. */
    public static CertificateFacts of(X509Certificate certificate) {
        return new CertificateFacts(
                certificate.getSubjectX500Principal().getName(),
                commonName(certificate),
                certificate.getIssuerX500Principal().getName(),
                names(certificate),
                dnsNames(certificate),
                certificate.getNotBefore().toInstant(),
                certificate.getNotAfter().toInstant(),
                keyType(certificate),
                fingerprint(certificate));
    }

    private static List<String> names(X509Certificate certificate) {
        String common = commonName(certificate);
        return hasAlternatives(certificate) || common.isEmpty()
                ? dnsNames(certificate)
                : List.of(common.toLowerCase(Locale.ROOT));
    }

    private static boolean hasAlternatives(X509Certificate certificate) {
        try {
            return certificate.getSubjectAlternativeNames() != null;
        } catch (CertificateParsingException unreadable) {
            // A certificate whose names nobody can read is for none: clients would not take it either.
            return true;
        }
    }

    private static List<String> dnsNames(X509Certificate certificate) {
        List<String> names = new ArrayList<>();
        try {
            Collection<List<?>> alternatives = certificate.getSubjectAlternativeNames();
            for (List<?> alternative : alternatives == null ? List.<List<?>>of() : alternatives) {
                if (alternative.get(0) instanceof Integer kind
                        && kind == DNS_NAME
                        && alternative.get(1) instanceof String name
                        && names.size() < CertificateConfig.NAMES_MAX) {
                    names.add(name.toLowerCase(Locale.ROOT));
                }
            }
        } catch (CertificateParsingException unreadable) {
            return List.of();
        }
        return names;
    }

    private static String commonName(X509Certificate certificate) {
        Matcher common =
                COMMON_NAME.matcher(certificate.getSubjectX500Principal().getName());
        return common.find() ? common.group(1) : "";
    }

    private static String keyType(X509Certificate certificate) {
        return switch (certificate.getPublicKey()) {
            case RSAPublicKey rsa -> "RSA " + rsa.getModulus().bitLength();
            case ECPublicKey curve ->
                "EC " + curve.getParams().getCurve().getField().getFieldSize();
            default -> certificate.getPublicKey().getAlgorithm();
        };
    }

    private static String fingerprint(X509Certificate certificate) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(certificate.getEncoded()));
        } catch (GeneralSecurityException missing) {
            throw new IllegalStateException("what was read can be written, and every platform has SHA-256", missing);
        }
    }
}
