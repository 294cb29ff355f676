package io.penstock.plugin.bridge;

import java.math.BigInteger;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyFactory;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.security.spec.ECPoint;
import java.security.spec.ECPrivateKeySpec;
import java.security.spec.ECPublicKeySpec;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.RSAPrivateCrtKeySpec;
import java.security.spec.RSAPublicKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.Map;
import javax.crypto.spec.SecretKeySpec;
import tools.jackson.databind.JsonNode;

/** Makes keys of the forms that Web Cryptography knows: raw, jwk (RFC 7517, 7518, 8037), spki, pkcs8. */
final class KeyReader {
    private static final Map<String, String> CURVES =
            Map.of("P-256", "secp256r1", "P-384", "secp384r1", "P-521", "secp521r1");
    private static final byte[] ED25519_SPKI = {0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00};
    private static final byte[] ED25519_PKCS8 = {
        0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20
    };
    private static final int RSA_BITS_MIN = 2048;

    private final String algorithm;
    private final String curve;

    KeyReader(String algorithm, String curve) {
        this.algorithm = algorithm;
        this.curve = curve;
    }

    private String family() {
        return switch (algorithm) {
            case "RSASSA-PKCS1-v1_5", "RSA-PSS" -> "RSA";
            case "ECDSA" -> "EC";
            case "Ed25519" -> "Ed25519";
            case "AES-GCM" -> "AES";
            default -> "Hmac";
        };
    }

    Key read(String format, byte[] bytes) throws GeneralSecurityException {
        return switch (format) {
            case "raw" -> raw(bytes);
            case "spki" -> checked(KeyFactory.getInstance(family()).generatePublic(new X509EncodedKeySpec(bytes)));
            case "pkcs8" -> checked(KeyFactory.getInstance(family()).generatePrivate(new PKCS8EncodedKeySpec(bytes)));
            default -> throw new InvalidKeySpecException("format \"" + format + "\" is not raw, jwk, spki or pkcs8");
        };
    }

    private Key raw(byte[] bytes) throws GeneralSecurityException {
        return switch (family()) {
            case "Hmac" -> secret(bytes);
            case "AES" -> aes(bytes);
            case "Ed25519" -> ed25519(ED25519_SPKI, bytes, false);
            case "EC" -> point(bytes);
            default -> throw new InvalidKeySpecException("this algorithm has no raw keys");
        };
    }

    private static Key secret(byte[] bytes) throws InvalidKeySpecException {
        if (bytes.length == 0) {
            throw new InvalidKeySpecException("the key is empty");
        }
        return new SecretKeySpec(bytes, "Hmac");
    }

    private static Key aes(byte[] bytes) throws InvalidKeySpecException {
        if (bytes.length != 16 && bytes.length != 24 && bytes.length != 32) {
            throw new InvalidKeySpecException("an AES key has 16, 24 or 32 bytes");
        }
        return new SecretKeySpec(bytes, "AES");
    }

    private Key point(byte[] bytes) throws GeneralSecurityException {
        int size = (bytes.length - 1) / 2;
        if (bytes.length < 3 || bytes[0] != 4 || bytes.length != 2 * size + 1) {
            throw new InvalidKeySpecException("wanted an uncompressed point");
        }
        return publicEc(
                Arrays.copyOfRange(bytes, 1, 1 + size), Arrays.copyOfRange(bytes, 1 + size, bytes.length), curve);
    }

    private static Key publicEc(byte[] x, byte[] y, String curve) throws GeneralSecurityException {
        ECPoint point = new ECPoint(new BigInteger(1, x), new BigInteger(1, y));
        return KeyFactory.getInstance("EC").generatePublic(new ECPublicKeySpec(point, parameters(curve)));
    }

    private static ECParameterSpec parameters(String curve) throws GeneralSecurityException {
        String name = CURVES.get(curve);
        if (name == null) {
            throw new InvalidKeySpecException("curve \"" + curve + "\" is not P-256, P-384 or P-521");
        }
        AlgorithmParameters parameters = AlgorithmParameters.getInstance("EC");
        parameters.init(new ECGenParameterSpec(name));
        return parameters.getParameterSpec(ECParameterSpec.class);
    }

    private static Key ed25519(byte[] prefix, byte[] bytes, boolean isPrivate) throws GeneralSecurityException {
        if (bytes.length != 32) {
            throw new InvalidKeySpecException("an Ed25519 key has 32 bytes");
        }
        byte[] encoded = Arrays.copyOf(prefix, prefix.length + bytes.length);
        System.arraycopy(bytes, 0, encoded, prefix.length, bytes.length);
        KeyFactory factory = KeyFactory.getInstance("Ed25519");
        return isPrivate
                ? factory.generatePrivate(new PKCS8EncodedKeySpec(encoded))
                : factory.generatePublic(new X509EncodedKeySpec(encoded));
    }

    Key readJwk(JsonNode jwk) throws GeneralSecurityException {
        String kind = jwk.path("kty").asString("");
        boolean isPrivate = jwk.has("d");
        String wanted = switch (family()) {
            case "RSA" -> "RSA";
            case "EC" -> "EC";
            case "Ed25519" -> "OKP";
            default -> "oct";
        };
        if (!kind.equals(wanted)) {
            throw new InvalidKeySpecException("the key's kty is \"" + kind + "\", wanted \"" + wanted + "\"");
        }
        return switch (kind) {
            case "oct" -> raw(octets(jwk, "k"));
            case "RSA" -> checked(rsa(jwk, isPrivate));
            case "EC" -> ec(jwk, isPrivate);
            default ->
                isPrivate
                        ? ed25519(ED25519_PKCS8, octets(jwk, "d"), true)
                        : ed25519(ED25519_SPKI, octets(jwk, "x"), false);
        };
    }

    private static Key rsa(JsonNode jwk, boolean isPrivate) throws GeneralSecurityException {
        KeyFactory factory = KeyFactory.getInstance("RSA");
        if (!isPrivate) {
            return factory.generatePublic(new RSAPublicKeySpec(number(jwk, "n"), number(jwk, "e")));
        }
        return factory.generatePrivate(new RSAPrivateCrtKeySpec(
                number(jwk, "n"),
                number(jwk, "e"),
                number(jwk, "d"),
                number(jwk, "p"),
                number(jwk, "q"),
                number(jwk, "dp"),
                number(jwk, "dq"),
                number(jwk, "qi")));
    }

    private static Key ec(JsonNode jwk, boolean isPrivate) throws GeneralSecurityException {
        String name = jwk.path("crv").asString("");
        return isPrivate
                ? KeyFactory.getInstance("EC").generatePrivate(new ECPrivateKeySpec(number(jwk, "d"), parameters(name)))
                : publicEc(octets(jwk, "x"), octets(jwk, "y"), name);
    }

    // Short RSA keys are broken keys (RFC 7518 section 3.3).
    private static Key checked(Key key) throws InvalidKeySpecException {
        if (key instanceof java.security.interfaces.RSAKey rsa
                && rsa.getModulus().bitLength() < RSA_BITS_MIN) {
            throw new InvalidKeySpecException("an RSA key has at least " + RSA_BITS_MIN + " bits");
        }
        return key;
    }

    private static BigInteger number(JsonNode jwk, String member) throws InvalidKeySpecException {
        return new BigInteger(1, octets(jwk, member));
    }

    private static byte[] octets(JsonNode jwk, String member) throws InvalidKeySpecException {
        try {
            return Base64.getUrlDecoder().decode(jwk.path(member).asString(""));
        } catch (IllegalArgumentException wrong) {
            throw new InvalidKeySpecException("member \"" + member + "\" is no base64url", wrong);
        }
    }
}
