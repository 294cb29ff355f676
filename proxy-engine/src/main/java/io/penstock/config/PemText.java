package io.penstock.config;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.CRLException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Certificates and keys as text (RFC 7468). Keys may be in PKCS #8 (RFC 5958), or as OpenSSL used to write them: PKCS #1 for RSA (RFC 8017 appendix
 * A.1.2) and SEC 1 for elliptic curves (RFC 5915). No message says anything of a key itself.
 */
public final class PemText {
    private static final Pattern BLOCK =
            Pattern.compile("-----BEGIN ([A-Z0-9 ]{1,64})-----([A-Za-z0-9+/=\\s]*)-----END \\1-----");
    private static final int CHAIN_MAX = 16;
    private static final int LISTS_MAX = 64;

    // DER (X.690): tags, and the identifiers that PKCS #8 wraps around the older forms.
    private static final int SEQUENCE = 0x30;
    private static final int OCTET_STRING = 0x04;
    private static final int PARAMETERS = 0xa0;
    private static final byte[] VERSION_0 = {0x02, 0x01, 0x00};
    private static final byte[] RSA_ALGORITHM = {
        0x30, 0x0d, 0x06, 0x09, 0x2a, (byte) 0x86, 0x48, (byte) 0x86, (byte) 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00
    };
    private static final byte[] EC_IDENTIFIER = {0x06, 0x07, 0x2a, (byte) 0x86, 0x48, (byte) 0xce, 0x3d, 0x02, 0x01};

    private PemText() {}

    /** A text that holds no such thing; the message says what was found and what is wanted. */
    public static final class Unreadable extends Exception {
        private static final long serialVersionUID = 1L;

        /** What was found, and what was wanted. */
        public Unreadable(String message) {
            super(message);
        }

        Unreadable(String message, Exception cause) {
            super(message, cause);
        }
    }

    /** The certificates of a text in their order, at least one. */
    public static List<X509Certificate> certificates(String text) throws Unreadable {
        return certificates(text, CHAIN_MAX);
    }

    /** The same, of at most so many. */
    public static List<X509Certificate> certificates(String text, int countMax) throws Unreadable {
        List<X509Certificate> found = new ArrayList<>();
        Matcher blocks = BLOCK.matcher(text);
        while (blocks.find()) {
            if (!blocks.group(1).equals("CERTIFICATE")) {
                throw new Unreadable("found a block \"" + blocks.group(1) + "\" among the certificates");
            }
            if (found.size() == countMax) {
                throw new Unreadable("found more than " + countMax + " certificates");
            }
            try {
                found.add((X509Certificate) CertificateFactory.getInstance("X.509")
                        .generateCertificate(new ByteArrayInputStream(decoded(blocks.group(2)))));
            } catch (CertificateException e) {
                throw new Unreadable("certificate " + (found.size() + 1) + " cannot be read", e);
            }
        }
        if (found.isEmpty()) {
            throw new Unreadable("found no \"-----BEGIN CERTIFICATE-----\"");
        }
        return found;
    }

    /** The lists of revoked certificates of a text (RFC 5280 section 5), at least one. */
    public static List<X509CRL> revocationLists(String text) throws Unreadable {
        List<X509CRL> found = new ArrayList<>();
        Matcher blocks = BLOCK.matcher(text);
        while (blocks.find()) {
            if (!blocks.group(1).equals("X509 CRL")) {
                throw new Unreadable("found a block \"" + blocks.group(1) + "\" among the lists");
            }
            if (found.size() == LISTS_MAX) {
                throw new Unreadable("found more than " + LISTS_MAX + " lists");
            }
            try {
                found.add((X509CRL) CertificateFactory.getInstance("X.509")
                        .generateCRL(new ByteArrayInputStream(decoded(blocks.group(2)))));
            } catch (CertificateException | CRLException e) {
                throw new Unreadable("list " + (found.size() + 1) + " cannot be read", e);
            }
        }
        if (found.isEmpty()) {
            throw new Unreadable("found no \"-----BEGIN X509 CRL-----\"");
        }
        return found;
    }

    /** The one private key of a text. */
    public static PrivateKey privateKey(String text) throws Unreadable {
        Matcher blocks = BLOCK.matcher(text);
        byte[] key = null;
        while (blocks.find()) {
            byte[] content = decoded(blocks.group(2));
            byte[] read = switch (blocks.group(1)) {
                case "PRIVATE KEY" -> content;
                case "RSA PRIVATE KEY" -> wrapped(RSA_ALGORITHM, content);
                case "EC PRIVATE KEY" -> wrapped(curve(content), content);
                case "EC PARAMETERS" -> null;
                case "ENCRYPTED PRIVATE KEY" ->
                    throw new Unreadable(
                            "found a key under a password, wanted one without: what is stored is encrypted anyway");
                default -> throw new Unreadable("found a block \"" + blocks.group(1) + "\", wanted a private key");
            };
            if (read != null && key != null) {
                throw new Unreadable("found two private keys, wanted one");
            }
            key = read == null ? key : read;
        }
        if (key == null) {
            throw new Unreadable("found no \"-----BEGIN PRIVATE KEY-----\"");
        }
        PKCS8EncodedKeySpec encoded = new PKCS8EncodedKeySpec(key);
        for (String algorithm : List.of("EC", "RSA", "EdDSA")) {
            try {
                return KeyFactory.getInstance(algorithm).generatePrivate(encoded);
            } catch (GeneralSecurityException another) {
                // The next kind, or none.
            }
        }
        throw new Unreadable("found a key that is none of RSA, an elliptic curve or EdDSA, or that is damaged");
    }

    private static byte[] decoded(String base64) throws Unreadable {
        try {
            return Base64.getMimeDecoder().decode(base64);
        } catch (IllegalArgumentException e) {
            throw new Unreadable("a block is not base64", e);
        }
    }

    /** PKCS #8 around a key in an older form. */
    private static byte[] wrapped(byte[] algorithm, byte[] key) {
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        content.writeBytes(VERSION_0);
        content.writeBytes(algorithm);
        content.writeBytes(tagged(OCTET_STRING, key));
        return tagged(SEQUENCE, content.toByteArray());
    }

    /** The algorithm of a key in SEC 1, which names its curve in its parameters. */
    private static byte[] curve(byte[] key) throws Unreadable {
        // ECPrivateKey: SEQUENCE { INTEGER 1, OCTET STRING, [0] parameters, ... }
        int at = skipHead(key, 0, SEQUENCE);
        at = skip(key, at);
        at = skip(key, at);
        if (at >= key.length || (key[at] & 0xff) != PARAMETERS) {
            throw new Unreadable("found a key of an elliptic curve that does not say which");
        }
        int begin = skipHead(key, at, PARAMETERS);
        int end = skip(key, at);
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        content.writeBytes(EC_IDENTIFIER);
        content.write(key, begin, end - begin);
        return tagged(SEQUENCE, content.toByteArray());
    }

    private static int skipHead(byte[] der, int at, int tag) throws Unreadable {
        if (at + 2 > der.length || (der[at] & 0xff) != tag) {
            throw new Unreadable("found a key that is damaged");
        }
        int first = der[at + 1] & 0xff;
        return at + 2 + (first < 0x80 ? 0 : first & 0x7f);
    }

    private static int skip(byte[] der, int at) throws Unreadable {
        if (at + 2 > der.length) {
            throw new Unreadable("found a key that is damaged");
        }
        int content = skipHead(der, at, der[at] & 0xff);
        int length = der[at + 1] & 0xff;
        if (length >= 0x80) {
            if (length > 0x82 || content > der.length) {
                throw new Unreadable("found a key that is damaged");
            }
            length = 0;
            for (int i = at + 2; i < content; i++) {
                length = (length << 8) | (der[i] & 0xff);
            }
        }
        if (content + length > der.length) {
            throw new Unreadable("found a key that is damaged");
        }
        return content + length;
    }

    private static byte[] tagged(int tag, byte[] content) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(content.length + 4);
        out.write(tag);
        if (content.length < 0x80) {
            out.write(content.length);
        } else if (content.length < 0x100) {
            out.write(0x81);
            out.write(content.length);
        } else {
            out.write(0x82);
            out.write(content.length >> 8);
            out.write(content.length);
        }
        out.writeBytes(content);
        return out.toByteArray();
    }
}
