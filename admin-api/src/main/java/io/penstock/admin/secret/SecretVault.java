package io.penstock.admin.secret;

import io.penstock.admin.revision.ConfigCodec;
import io.penstock.admin.store.DataFolder;
import io.penstock.admin.store.ResourceKey;
import io.penstock.admin.store.StoredConfig;
import io.penstock.config.ResourceType;
import io.penstock.config.SecretConfig;
import io.penstock.config.SecretValue;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Optional;
import javax.crypto.Cipher;
import javax.crypto.KDF;
import javax.crypto.Mac;
import javax.crypto.SecretKey;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.HKDFParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * Encrypts values and opens them again, under a key in a file beside the store. Safe from any thread; may wait for the disk
 * once, when the key is made.
 *
 * <p>A value's box is AES-256-GCM with a nonce of its own: nonce, cipher text, tag, in base64. Its id is the beginning of an
 * HMAC-SHA256 over nonce and value, so that equal values have different ids and nobody without the key can try guesses on
 * one. Both keys are derived from the file's by HKDF-SHA256 (RFC 5869). Whoever has the store alone, or a copy of it, has
 * nothing; whoever has the key file too has the values.
 */
public final class SecretVault {
    /** The key's file in the data folder. */
    public static final String KEY_FILE = "secrets.key";

    private static final int KEY_BYTES = 32;
    private static final int NONCE_BYTES = 12;
    private static final int TAG_BITS = 128;
    private static final int ID_BYTES = 8;
    private static final byte[] PURPOSE = "penstock secret 1".getBytes(StandardCharsets.US_ASCII);

    private final DataFolder folder;
    private final Clock clock;
    private final SecureRandom random;

    // Guarded by this; there is none before the first value is sealed.
    private @Nullable Keys keys;

    private record Keys(SecretKey box, SecretKey id) {}

    private SecretVault(DataFolder folder, Clock clock, SecureRandom random, @Nullable Keys keys) {
        this.folder = folder;
        this.clock = clock;
        this.random = random;
        this.keys = keys;
    }

    /** Opens the vault of a folder: reads the key if there is one. */
    public static SecretVault open(DataFolder folder, Clock clock, SecureRandom random) throws VaultRefused {
        Optional<byte[]> key = SecretKeyFile.read(folder);
        return new SecretVault(folder, clock, random, key.map(SecretVault::keys).orElse(null));
    }

    /** Makes sure that everything a stored configuration holds can be read. */
    public void verify(StoredConfig stored, ConfigCodec codec) throws VaultRefused {
        for (ResourceKey key : stored.resources().keySet()) {
            if (key.type().equals(ResourceType.SECRETS.apiName())
                    && codec.fromJson(key, stored.resources().get(key).json()) instanceof SecretConfig secret
                    && secret.value() instanceof SecretValue.Sealed sealed) {
                verify(secret.name(), sealed);
            }
        }
    }

    private void verify(String name, SecretValue.Sealed sealed) throws VaultRefused {
        if (present() == null) {
            throw new VaultRefused("secret \"" + name + "\" is stored encrypted, and its key is not there: "
                    + folder.file(KEY_FILE) + " is missing. " + SecretKeyFile.WAY_OUT);
        }
        try {
            open(sealed);
        } catch (IllegalStateException otherKey) {
            throw new VaultRefused(
                    "secret \"" + name + "\" does not open: " + folder.file(KEY_FILE)
                            + " is not the key that it was encrypted with. " + SecretKeyFile.WAY_OUT,
                    otherKey);
        }
    }

    /**
     * Encrypts a value.
     *
     * @throws UncheckedIOException if the key must be made and cannot be written
     */
    SecretValue.Sealed seal(SecretValue.Given given) {
        Keys mine = presentOrMade();
        byte[] nonce = new byte[NONCE_BYTES];
        random.nextBytes(nonce);
        byte[] value = given.text().getBytes(StandardCharsets.UTF_8);
        try {
            byte[] hidden = cipher(Cipher.ENCRYPT_MODE, mine, nonce).doFinal(value);
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(mine.id());
            mac.update(nonce);
            String id = HexFormat.of().formatHex(Arrays.copyOf(mac.doFinal(value), ID_BYTES));
            byte[] box = ByteBuffer.allocate(nonce.length + hidden.length)
                    .put(nonce)
                    .put(hidden)
                    .array();
            return new SecretValue.Sealed(
                    id,
                    clock.instant().truncatedTo(ChronoUnit.MILLIS),
                    Base64.getEncoder().encodeToString(box));
        } catch (GeneralSecurityException missing) {
            throw new IllegalStateException("every Java platform has AES-GCM and HMAC", missing);
        } finally {
            Arrays.fill(value, (byte) 0);
        }
    }

    /**
     * The value itself: for what is set up with it, and for nobody's eyes.
     *
     * @throws IllegalStateException if it was sealed with another key, or is damaged
     */
    String open(SecretValue.Sealed sealed) {
        Keys mine = present();
        if (mine == null) {
            throw new IllegalStateException("there is no key");
        }
        try {
            byte[] box = Base64.getDecoder().decode(sealed.box());
            byte[] nonce = Arrays.copyOf(box, NONCE_BYTES);
            byte[] value = cipher(Cipher.DECRYPT_MODE, mine, nonce).doFinal(box, NONCE_BYTES, box.length - NONCE_BYTES);
            return new String(value, StandardCharsets.UTF_8);
        } catch (GeneralSecurityException | IllegalArgumentException wrong) {
            throw new IllegalStateException("value " + sealed.id() + " does not open with this key", wrong);
        }
    }

    private static Cipher cipher(int mode, Keys keys, byte[] nonce) throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(mode, keys.box(), new GCMParameterSpec(TAG_BITS, nonce));
        cipher.updateAAD(PURPOSE);
        return cipher;
    }

    private synchronized @Nullable Keys present() {
        return keys;
    }

    private synchronized Keys presentOrMade() {
        Keys made = keys;
        if (made == null) {
            byte[] key = new byte[KEY_BYTES];
            random.nextBytes(key);
            SecretKeyFile.write(folder, key);
            made = keys(key);
            keys = made;
        }
        return made;
    }

    private static Keys keys(byte[] key) {
        return new Keys(derived(key, "box", "AES"), derived(key, "id", "HmacSHA256"));
    }

    private static SecretKey derived(byte[] key, String use, String algorithm) {
        try {
            return KDF.getInstance("HKDF-SHA256")
                    .deriveKey(
                            algorithm,
                            HKDFParameterSpec.ofExtract()
                                    .addIKM(new SecretKeySpec(key, "Generic"))
                                    .thenExpand(
                                            ("penstock secret " + use).getBytes(StandardCharsets.US_ASCII), KEY_BYTES));
        } catch (GeneralSecurityException missing) {
            throw new IllegalStateException("this Java platform must have HKDF-SHA256", missing);
        }
    }
}
