package io.penstock.filter;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import javax.crypto.Cipher;
import javax.crypto.KDF;
import javax.crypto.SecretKey;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.HKDFParameterSpec;
import org.jspecify.annotations.Nullable;

/**
 * Encrypts what browsers keep for the gateway: AES-256-GCM under keys derived (HKDF, RFC 5869) from secrets of the
 * configuration. What is sealed for one place opens in no other, and nothing that anybody else has made opens at all.
 */
final class CookieSeal {
    private static final String CIPHER = "AES/GCM/NoPadding";
    private static final int IV_BYTES = 12;
    private static final int TAG_BITS = 128;
    private static final int KEY_BYTES = 32;
    private static final byte[] SALT = "penstock cookies 1".getBytes(StandardCharsets.US_ASCII);

    private final List<SecretKey> keys;
    private final SecureRandom random;

    /**
     * A seal.
     *
     * @param secrets the first seals, all of them open
     * @param purpose tells this seal from others under the same secret
     */
    CookieSeal(List<String> secrets, String purpose, SecureRandom random) {
        this.keys = secrets.stream().map(secret -> key(secret, purpose)).toList();
        this.random = random;
    }

    private static SecretKey key(String secret, String purpose) {
        try {
            return KDF.getInstance("HKDF-SHA256")
                    .deriveKey(
                            "AES",
                            HKDFParameterSpec.ofExtract()
                                    .addIKM(secret.getBytes(StandardCharsets.UTF_8))
                                    .addSalt(SALT)
                                    .thenExpand(purpose.getBytes(StandardCharsets.UTF_8), KEY_BYTES));
        } catch (GeneralSecurityException missing) {
            throw new IllegalStateException("every Java platform of this version has HKDF", missing);
        }
    }

    /** The text in a form that fits into a cookie. */
    String seal(String place, String text) {
        byte[] iv = new byte[IV_BYTES];
        random.nextBytes(iv);
        try {
            byte[] box = cipher(Cipher.ENCRYPT_MODE, keys.getFirst(), iv, place)
                    .doFinal(text.getBytes(StandardCharsets.UTF_8));
            byte[] all = Arrays.copyOf(iv, IV_BYTES + box.length);
            System.arraycopy(box, 0, all, IV_BYTES, box.length);
            return Base64.getUrlEncoder().withoutPadding().encodeToString(all);
        } catch (GeneralSecurityException missing) {
            throw new IllegalStateException("every Java platform has AES-GCM", missing);
        }
    }

    /** What was sealed for a place; null if it was not, or by nobody here. */
    @Nullable
    String open(String place, String sealed) {
        byte[] all;
        try {
            all = Base64.getUrlDecoder().decode(sealed);
        } catch (IllegalArgumentException noBase64) {
            return null;
        }
        if (all.length < IV_BYTES + TAG_BITS / Byte.SIZE) {
            return null;
        }
        byte[] iv = Arrays.copyOf(all, IV_BYTES);
        for (SecretKey key : keys) {
            try {
                byte[] plain =
                        cipher(Cipher.DECRYPT_MODE, key, iv, place).doFinal(all, IV_BYTES, all.length - IV_BYTES);
                return new String(plain, StandardCharsets.UTF_8);
            } catch (GeneralSecurityException notByThisKey) {
                // The next one may fit, if there is one.
            }
        }
        return null;
    }

    private static Cipher cipher(int mode, SecretKey key, byte[] iv, String place) throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance(CIPHER);
        cipher.init(mode, key, new GCMParameterSpec(TAG_BITS, iv));
        cipher.updateAAD(place.getBytes(StandardCharsets.UTF_8));
        return cipher;
    }
}
