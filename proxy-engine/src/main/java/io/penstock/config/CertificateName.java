package io.penstock.config;

/** A name in a certificate. */
public enum CertificateName implements Choice {
    /** The common name of the subject. */
    COMMON_NAME,
    /** The first of the DNS names among the alternative names; never the common name. */
    DNS_NAME,
    /** SHA-256 over the certificate, in hexadecimal digits. */
    FINGERPRINT
}
