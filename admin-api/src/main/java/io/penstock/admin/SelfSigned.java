package io.penstock.admin;

import java.io.ByteArrayInputStream;
import java.math.BigInteger;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * A key on the curve P-256 and a certificate that it signs for itself (RFC 5280). The platform has no public way to make
 * one; whoever connects compares the fingerprint, since nobody else vouches for it.
 */
record SelfSigned(KeyPair keys, X509Certificate certificate) {
    private static final String ECDSA_WITH_SHA256 = "1.2.840.10045.4.3.2";
    private static final String COMMON_NAME = "2.5.4.3";
    private static final String BASIC_CONSTRAINTS = "2.5.29.19";
    private static final String KEY_USAGE = "2.5.29.15";
    private static final String EXTENDED_KEY_USAGE = "2.5.29.37";
    private static final String ALTERNATIVE_NAMES = "2.5.29.17";
    private static final String SERVER_AUTHENTICATION = "1.3.6.1.5.5.7.3.1";

    // Clocks of callers differ; a certificate that begins now would be too young for some.
    private static final Duration EARLIER = Duration.ofDays(1);
    private static final Duration LIFE = Duration.ofDays(3650);

    static SelfSigned make(List<InetAddress> addresses, List<String> names, Instant now, SecureRandom random)
            throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"), random);
        KeyPair keys = generator.generateKeyPair();
        byte[] algorithm = Der.sequence(Der.oid(ECDSA_WITH_SHA256));
        byte[] name = Der.sequence(Der.set(Der.sequence(Der.oid(COMMON_NAME), Der.text("Penstock admin"))));
        byte[] toSign = Der.sequence(
                Der.value(0xa0, Der.integer(BigInteger.TWO)),
                Der.integer(new BigInteger(127, random).add(BigInteger.ONE)),
                algorithm,
                name,
                Der.sequence(Der.time(now.minus(EARLIER)), Der.time(now.plus(LIFE))),
                name,
                keys.getPublic().getEncoded(),
                Der.value(0xa3, extensions(addresses, names)));
        Signature signature = Signature.getInstance("SHA256withECDSA");
        signature.initSign(keys.getPrivate(), random);
        signature.update(toSign);
        byte[] encoded = Der.sequence(toSign, algorithm, Der.bits(signature.sign(), 0));
        X509Certificate certificate = (X509Certificate)
                CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(encoded));
        return new SelfSigned(keys, certificate);
    }

    private static byte[] extensions(List<InetAddress> addresses, List<String> names) {
        byte[][] alternatives = new byte[addresses.size() + names.size()][];
        for (int i = 0; i < addresses.size(); i++) {
            alternatives[i] = Der.value(0x87, addresses.get(i).getAddress());
        }
        for (int i = 0; i < names.size(); i++) {
            alternatives[addresses.size() + i] = Der.value(0x82, names.get(i).getBytes(StandardCharsets.US_ASCII));
        }
        return Der.sequence(
                extension(BASIC_CONSTRAINTS, true, Der.sequence()),
                // Bit 0: digitalSignature.
                extension(KEY_USAGE, true, Der.bits(new byte[] {(byte) 0x80}, 7)),
                extension(EXTENDED_KEY_USAGE, false, Der.sequence(Der.oid(SERVER_AUTHENTICATION))),
                extension(ALTERNATIVE_NAMES, false, Der.sequence(alternatives)));
    }

    private static byte[] extension(String oid, boolean isCritical, byte[] value) {
        return isCritical
                ? Der.sequence(Der.oid(oid), Der.bool(true), Der.octets(value))
                : Der.sequence(Der.oid(oid), Der.octets(value));
    }
}
