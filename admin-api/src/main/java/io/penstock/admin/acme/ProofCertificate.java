package io.penstock.admin.acme;

import io.penstock.engine.DomainProof;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** A certificate that proves a name by what it holds, signed by itself (RFC 8737 section 3). */
final class ProofCertificate {
    /** id-pe-acmeIdentifier. */
    private static final ASN1ObjectIdentifier ACME_IDENTIFIER = new ASN1ObjectIdentifier("1.3.6.1.5.5.7.1.31");

    private static final X500Name SUBJECT = new X500Name("CN=ACME challenge");
    private static final Duration LIFE = Duration.ofDays(7);

    private ProofCertificate() {}

    /**
     * Makes one with a key of its own.
     *
     * @param digest SHA-256 of the key authorization
     */
    static DomainProof.Tls of(String name, byte[] digest, Instant now) throws OrderFailed {
        KeyPair keys = AccountKey.make();
        try {
            byte[] der = new JcaX509v3CertificateBuilder(
                            SUBJECT,
                            BigInteger.valueOf(now.toEpochMilli()),
                            // Clocks differ.
                            Date.from(now.minus(Duration.ofHours(1))),
                            Date.from(now.plus(LIFE)),
                            SUBJECT,
                            keys.getPublic())
                    .addExtension(
                            Extension.subjectAlternativeName,
                            false,
                            new GeneralNames(new GeneralName(GeneralName.dNSName, name)))
                    .addExtension(ACME_IDENTIFIER, true, new DEROctetString(digest))
                    .build(new JcaContentSignerBuilder("SHA256withECDSA").build(keys.getPrivate()))
                    .getEncoded();
            X509Certificate certificate = (X509Certificate)
                    CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(der));
            return new DomainProof.Tls(name, certificate, keys.getPrivate());
        } catch (IOException | GeneralSecurityException | OperatorCreationException failed) {
            throw new OrderFailed("no proof could be made for " + name + ": " + failed.getMessage(), failed);
        }
    }
}
