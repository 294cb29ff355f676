package io.penstock.admin.ocsp;

import java.math.BigInteger;
import java.net.URI;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import java.util.Optional;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.AccessDescription;
import org.bouncycastle.asn1.x509.AuthorityInformationAccess;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.cert.ocsp.BasicOCSPRespBuilder;
import org.bouncycastle.cert.ocsp.CertificateID;
import org.bouncycastle.cert.ocsp.CertificateStatus;
import org.bouncycastle.cert.ocsp.OCSPReq;
import org.bouncycastle.cert.ocsp.OCSPResp;
import org.bouncycastle.cert.ocsp.OCSPRespBuilder;
import org.bouncycastle.cert.ocsp.RespID;
import org.bouncycastle.operator.ContentSigner;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** An authority with one certificate, and what it says of its state. */
final class FakeResponder implements Responder {
    static final Duration COUNTS = Duration.ofHours(4);
    private static final X500Name AUTHORITY = new X500Name("CN=authority");

    private final Clock clock;
    private final KeyPair keys = pair();
    private final KeyPair delegated = pair();
    private final X509CertificateHolder own;
    private final X509CertificateHolder leaf;
    private final X509CertificateHolder delegate;

    CertificateStatus status = CertificateStatus.GOOD;
    Optional<StatusUnknown> silence = Optional.empty();
    boolean isStrangers;
    boolean isDelegated;
    /** How long an answer counts. */
    Duration counts = COUNTS;

    int asked;

    FakeResponder(Clock clock, String url) throws Exception {
        this.clock = clock;
        this.own = certificate(AUTHORITY, keys, 1)
                .addExtension(Extension.basicConstraints, true, new BasicConstraints(true))
                .build(signer(keys));
        this.leaf = certificate(new X500Name("CN=shop.example"), pair(), 2)
                .addExtension(
                        Extension.authorityInfoAccess,
                        false,
                        new AuthorityInformationAccess(
                                AccessDescription.id_ad_ocsp,
                                new GeneralName(GeneralName.uniformResourceIdentifier, url)))
                .build(signer(keys));
        this.delegate = certificate(new X500Name("CN=responder"), delegated, 3)
                .addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(KeyPurposeId.id_kp_OCSPSigning))
                .build(signer(keys));
    }

    private static KeyPair pair() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(256);
            return generator.generateKeyPair();
        } catch (java.security.GeneralSecurityException missing) {
            throw new AssertionError(missing);
        }
    }

    private static ContentSigner signer(KeyPair by) throws Exception {
        return new JcaContentSignerBuilder("SHA256withECDSA").build(by.getPrivate());
    }

    private JcaX509v3CertificateBuilder certificate(X500Name subject, KeyPair of, int serial) {
        Instant now = clock.instant();
        return new JcaX509v3CertificateBuilder(
                AUTHORITY,
                BigInteger.valueOf(serial),
                Date.from(now.minus(Duration.ofDays(1))),
                Date.from(now.plus(Duration.ofDays(90))),
                subject,
                of.getPublic());
    }

    /** The certificate and its authority's, in PEM. */
    String chain() throws Exception {
        return pem(leaf) + pem(own);
    }

    private static String pem(X509CertificateHolder certificate) throws Exception {
        return "-----BEGIN CERTIFICATE-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(certificate.getEncoded())
                + "\n-----END CERTIFICATE-----\n";
    }

    @Override
    public byte[] ask(URI address, byte[] request) throws StatusUnknown {
        asked++;
        if (silence.isPresent()) {
            throw silence.get();
        }
        try {
            CertificateID id = new OCSPReq(request).getRequestList()[0].getCertID();
            Instant now = clock.instant();
            BasicOCSPRespBuilder answer = new BasicOCSPRespBuilder(new RespID(AUTHORITY))
                    .addResponse(id, status, Date.from(now), Date.from(now.plus(counts)));
            KeyPair by = isStrangers ? pair() : isDelegated ? delegated : keys;
            X509CertificateHolder[] with = isDelegated ? new X509CertificateHolder[] {delegate} : null;
            return new OCSPRespBuilder()
                    .build(OCSPResp.SUCCESSFUL, answer.build(signer(by), with, Date.from(now)))
                    .getEncoded();
        } catch (Exception impossible) {
            throw new AssertionError("an answer can be made", impossible);
        }
    }
}
