package io.penstock.admin.ocsp;

import java.io.IOException;
import java.net.URI;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import org.bouncycastle.asn1.ASN1Primitive;
import org.bouncycastle.asn1.oiw.OIWObjectIdentifiers;
import org.bouncycastle.asn1.x509.AccessDescription;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.AuthorityInformationAccess;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.cert.CertException;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateHolder;
import org.bouncycastle.cert.ocsp.BasicOCSPResp;
import org.bouncycastle.cert.ocsp.CertificateID;
import org.bouncycastle.cert.ocsp.CertificateStatus;
import org.bouncycastle.cert.ocsp.OCSPException;
import org.bouncycastle.cert.ocsp.OCSPReqBuilder;
import org.bouncycastle.cert.ocsp.OCSPResp;
import org.bouncycastle.cert.ocsp.RevokedStatus;
import org.bouncycastle.cert.ocsp.SingleResp;
import org.bouncycastle.operator.DigestCalculator;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentVerifierProviderBuilder;
import org.bouncycastle.operator.jcajce.JcaDigestCalculatorProviderBuilder;

/** A question about one certificate, and what is to be believed of the answer (RFC 6960 section 3.2). */
final class StatusQuestion {
    /** Clocks differ. */
    private static final Duration TOLERANCE = Duration.ofMinutes(5);

    private final X509CertificateHolder issuer;
    private final CertificateID id;
    private final URI responder;
    private final byte[] request;

    private StatusQuestion(X509CertificateHolder issuer, CertificateID id, URI responder, byte[] request) {
        this.issuer = issuer;
        this.id = id;
        this.responder = responder;
        this.request = request;
    }

    /**
     * Makes one.
     *
     * @param chain the certificate and the one that signed it
     * @throws StatusUnknown if there is nobody to ask
     */
    static StatusQuestion about(List<X509Certificate> chain) throws StatusUnknown {
        if (chain.size() < 2) {
            throw new StatusUnknown("the chain does not hold the certificate that signed the server's own");
        }
        URI responder = responder(chain.getFirst())
                .orElseThrow(() -> new StatusUnknown("the certificate names no responder with an http URL"));
        try {
            X509CertificateHolder issuer = new JcaX509CertificateHolder(chain.get(1));
            DigestCalculator sha1 = new JcaDigestCalculatorProviderBuilder()
                    .build()
                    // What every responder knows; nothing hangs on it but which certificate is meant.
                    .get(new AlgorithmIdentifier(OIWObjectIdentifiers.idSHA1));
            CertificateID id = new CertificateID(sha1, issuer, chain.getFirst().getSerialNumber());
            return new StatusQuestion(
                    issuer,
                    id,
                    responder,
                    new OCSPReqBuilder().addRequest(id).build().getEncoded());
        } catch (CertificateEncodingException | OperatorCreationException | OCSPException | IOException failed) {
            throw new StatusUnknown("no question can be made of it: " + failed.getMessage(), failed);
        }
    }

    private static Optional<URI> responder(X509Certificate certificate) {
        try {
            byte[] extension = certificate.getExtensionValue(Extension.authorityInfoAccess.getId());
            if (extension == null) {
                return Optional.empty();
            }
            byte[] content =
                    org.bouncycastle.asn1.ASN1OctetString.getInstance(extension).getOctets();
            for (AccessDescription each : AuthorityInformationAccess.getInstance(ASN1Primitive.fromByteArray(content))
                    .getAccessDescriptions()) {
                if (each.getAccessMethod().equals(AccessDescription.id_ad_ocsp)
                        && each.getAccessLocation().getTagNo() == GeneralName.uniformResourceIdentifier) {
                    URI found = URI.create(each.getAccessLocation().getName().toString());
                    if ("http".equalsIgnoreCase(found.getScheme()) && found.getHost() != null) {
                        return Optional.of(found);
                    }
                }
            }
        } catch (IOException | IllegalArgumentException unreadable) {
            return Optional.empty();
        }
        return Optional.empty();
    }

    /** Whom to ask. */
    URI responder() {
        return responder;
    }

    /** What to ask; the caller's. */
    byte[] request() {
        return request.clone();
    }

    /**
     * What an answer says, if it is to be believed and good.
     *
     * @throws StatusUnknown if not
     */
    StatusAnswer read(byte[] answer, Instant now) throws StatusUnknown {
        try {
            OCSPResp response = new OCSPResp(answer);
            if (response.getStatus() != OCSPResp.SUCCESSFUL
                    || !(response.getResponseObject() instanceof BasicOCSPResp basic)) {
                throw new StatusUnknown("the responder has no answer: status " + response.getStatus());
            }
            checkSigned(basic, now);
            for (SingleResp each : basic.getResponses()) {
                if (each.getCertID().equals(id)) {
                    return read(each, answer, now);
                }
            }
            throw new StatusUnknown("the answer is about other certificates");
        } catch (IOException | OCSPException | RuntimeException unreadable) {
            throw new StatusUnknown("the answer cannot be read: " + unreadable.getMessage(), unreadable);
        }
    }

    private static StatusAnswer read(SingleResp said, byte[] answer, Instant now) throws StatusUnknown {
        CertificateStatus status = said.getCertStatus();
        if (status instanceof RevokedStatus revoked) {
            throw new StatusUnknown(
                    "the certificate was revoked at "
                            + revoked.getRevocationTime().toInstant() + ": have another one issued",
                    true);
        }
        // Good is told by the absence of a status, which is what GOOD is.
        if (status != null) {
            throw new StatusUnknown("the responder does not know the certificate");
        }
        Instant from = said.getThisUpdate().toInstant();
        Date next = said.getNextUpdate();
        if (next == null) {
            throw new StatusUnknown("the answer does not say how long it counts");
        }
        if (from.minus(TOLERANCE).isAfter(now) || !next.toInstant().isAfter(now)) {
            throw new StatusUnknown(
                    "the answer counts from " + from + " to " + next.toInstant() + ", which is not now");
        }
        return new StatusAnswer(answer, from, next.toInstant());
    }

    // By the issuer itself, or by someone whom it has allowed to (section 4.2.2.2).
    private void checkSigned(BasicOCSPResp basic, Instant now) throws StatusUnknown {
        JcaContentVerifierProviderBuilder verifiers = new JcaContentVerifierProviderBuilder();
        try {
            if (basic.isSignatureValid(verifiers.build(issuer))) {
                return;
            }
            for (X509CertificateHolder signer : basic.getCerts()) {
                if (signer.getIssuer().equals(issuer.getSubject())
                        && signer.isValidOn(Date.from(now))
                        && signer.isSignatureValid(verifiers.build(issuer))
                        && maySign(signer)
                        && basic.isSignatureValid(verifiers.build(signer))) {
                    return;
                }
            }
        } catch (OCSPException
                | OperatorCreationException
                | CertException
                | java.security.cert.CertificateException bad) {
            throw new StatusUnknown("the answer's signature cannot be checked: " + bad.getMessage(), bad);
        }
        throw new StatusUnknown("the answer is signed by nobody who may");
    }

    private static boolean maySign(X509CertificateHolder signer) {
        ExtendedKeyUsage usage = ExtendedKeyUsage.fromExtensions(signer.getExtensions());
        return usage != null && usage.hasKeyPurposeId(KeyPurposeId.id_kp_OCSPSigning);
    }
}
