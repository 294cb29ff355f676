package io.penstock.admin.secret;

import io.penstock.admin.revision.ConfigCodec;
import io.penstock.admin.store.DataFolder;
import io.penstock.admin.store.ResourceKey;
import io.penstock.admin.store.StoreProblem;
import io.penstock.admin.store.StoreRefused;
import io.penstock.admin.store.StoredConfig;
import io.penstock.config.AcmeAccountConfig;
import io.penstock.config.CertificateConfig;
import io.penstock.config.ConsumerConfig;
import io.penstock.config.CredentialConfig;
import io.penstock.config.ResourceType;
import io.penstock.config.SecretConfig;
import io.penstock.config.SecretValue;
import io.penstock.spi.CredentialSecrets;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Optional;
import java.util.function.Supplier;
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
    /** How much of an API key is shown, and of how long a one at least. */
    private static final int PREFIX_CHARS = 8;

    private static final int PREFIXED_CHARS_MIN = 32;
    private static final byte[] PURPOSE = "penstock secret 1".getBytes(StandardCharsets.US_ASCII);

    private final DataFolder folder;
    private final Clock clock;
    private final SecureRandom random;

    // Guarded by this; there is none before the first value is sealed.
    private @Nullable Keys keys;

    private record Keys(SecretKey box, SecretKey id, SecretKey digest) {}

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
                    && codec.fromJson(key, stored.resources().get(key).json()) instanceof SecretConfig secret) {
                verify("secret \"" + secret.name() + "\"", secret.value());
            } else if (key.type().equals(ResourceType.CONSUMERS.apiName())
                    && codec.fromJson(key, stored.resources().get(key).json()) instanceof ConsumerConfig consumer) {
                for (CredentialConfig credential : consumer.credentials()) {
                    verify("a credential of consumer \"" + consumer.name() + "\"", credential.secret());
                }
            } else if (key.type().equals(ResourceType.CERTIFICATES.apiName())
                    && codec.fromJson(key, stored.resources().get(key).json())
                            instanceof CertificateConfig certificate) {
                if (certificate.key().isPresent()) {
                    verify(
                            "the key of certificate \"" + certificate.name() + "\"",
                            certificate.key().get());
                }
            } else if (key.type().equals(ResourceType.ACME_ACCOUNTS.apiName())
                    && codec.fromJson(key, stored.resources().get(key).json()) instanceof AcmeAccountConfig account
                    && account.key().isPresent()) {
                verify(
                        "the key of ACME account \"" + account.name() + "\"",
                        account.key().get());
            }
        }
    }

    private void verify(String what, SecretValue value) throws VaultRefused {
        if (present() == null) {
            throw new VaultRefused(what + " is stored encrypted, and its key is not there: " + folder.file(KEY_FILE)
                    + " is missing. " + SecretKeyFile.WAY_OUT);
        }
        try {
            if (value instanceof SecretValue.Sealed sealed) {
                open(sealed);
            } else if (value instanceof SecretValue.Hashed hashed
                    && !idOf(hashed.hash()).equals(hashed.id())) {
                throw new IllegalStateException("value " + hashed.id() + " was hashed with another key");
            }
        } catch (IllegalStateException otherKey) {
            throw new VaultRefused(
                    what + " does not open: " + folder.file(KEY_FILE) + " is not the key that it was encrypted with. "
                            + SecretKeyFile.WAY_OUT,
                    otherKey);
        }
    }

    /** Makes a value storable, where a key that cannot be written is the store's refusal. */
    SecretValue guarded(Supplier<SecretValue> making) {
        try {
            return making.get();
        } catch (UncheckedIOException failed) {
            throw new StoreRefused(
                    new StoreProblem(
                            StoreProblem.Kind.IO_ERROR,
                            "the key of the secrets cannot be written (" + failed.getCause() + ")",
                            KEY_FILE,
                            "Make room in the data folder, or make it writable."),
                    failed);
        }
    }

    /** An API key as it is stored: its digest, under a key that is not in the store. */
    SecretValue.Hashed hashKey(SecretValue.Given key) {
        String text = key.text();
        boolean isLong = text.length() >= PREFIXED_CHARS_MIN;
        return hashed(
                CredentialHashes.keyed(presentOrMade().digest(), key), isLong ? text.substring(0, PREFIX_CHARS) : "");
    }

    /** A password as it is stored: its slow hash. */
    SecretValue.Hashed hashPassword(SecretValue.Given password) {
        presentOrMade();
        return hashed(CredentialHashes.slow(password, random), "");
    }

    /** Whether an API key is the one that was hashed. */
    boolean isKeyOf(SecretValue.Hashed hashed, SecretValue.Given key) {
        Keys mine = present();
        return mine != null
                && MessageDigest.isEqual(
                        CredentialHashes.keyed(mine.digest(), key).getBytes(StandardCharsets.US_ASCII),
                        hashed.hash().getBytes(StandardCharsets.US_ASCII));
    }

    private SecretValue.Hashed hashed(String hash, String prefix) {
        return new SecretValue.Hashed(idOf(hash), clock.instant().truncatedTo(ChronoUnit.MILLIS), prefix, hash);
    }

    private String idOf(String hash) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(presentOrMade().id());
            return HexFormat.of()
                    .formatHex(Arrays.copyOf(mac.doFinal(hash.getBytes(StandardCharsets.US_ASCII)), ID_BYTES));
        } catch (GeneralSecurityException missing) {
            throw new IllegalStateException("every Java platform has HMAC-SHA256", missing);
        }
    }

    /** What the engine needs to check credentials. */
    public CredentialSecrets credentials() {
        return new CredentialSecrets() {
            @Override
            public byte[] digestKey() {
                return presentOrMade().digest().getEncoded();
            }

            @Override
            public String open(SecretValue.Sealed sealed) {
                return SecretVault.this.open(sealed);
            }
        };
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
        return new Keys(
                derived(key, "box", "AES"), derived(key, "id", "HmacSHA256"), derived(key, "digest", "HmacSHA256"));
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
