package io.penstock.plugin.bridge;

import io.penstock.mark.WorkerConfined;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.graalvm.polyglot.HostAccess;
import org.graalvm.polyglot.Value;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The cryptography of the Java platform, for {@code crypto} of the scripts. What takes tens of microseconds is done at
 * once; signatures with private keys, with elliptic curves and over long data are done beside the worker and awaited.
 */
@WorkerConfined
public final class HostCrypto {
    private static final int RANDOM_BYTES_MAX = 65_536;
    private static final int INLINE_BYTES_MAX = 32 * 1024;
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final ScriptHost host;
    private final HostRealm realm;
    private final SecureRandom random = new SecureRandom();

    HostCrypto(ScriptHost host, HostRealm realm) {
        this.host = host;
        this.realm = realm;
    }

    /**
     * Uses each kind of algorithm once: the platform looks for its providers at first use, which takes hundreds of
     * milliseconds and would be charged to whichever script came first. Not on a worker.
     */
    public static void warmUp() {
        try {
            MessageDigest.getInstance("SHA-256").digest();
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(new byte[16], "Hmac"));
            mac.doFinal();
            Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
            cipher.init(
                    Cipher.ENCRYPT_MODE,
                    new SecretKeySpec(new byte[16], "AES"),
                    new GCMParameterSpec(128, new byte[12]));
            cipher.doFinal(new byte[16]);
            for (String family : List.of("RSA", "EC", "Ed25519")) {
                KeyFactory.getInstance(family);
            }
            for (String name : List.of("SHA256withRSA", "RSASSA-PSS", "SHA256withECDSAinP1363Format", "Ed25519")) {
                Signature.getInstance(name);
            }
        } catch (GeneralSecurityException everyJvmHasThem) {
            throw new IllegalStateException(everyJvmHasThem);
        }
    }

    @HostAccess.Export
    public ByteBuffer random(int count) {
        if (count < 0 || count > RANDOM_BYTES_MAX) {
            throw new IllegalArgumentException("at most " + RANDOM_BYTES_MAX + " random bytes at once");
        }
        byte[] bytes = new byte[count];
        random.nextBytes(bytes);
        return ByteBuffer.wrap(bytes);
    }

    @HostAccess.Export
    public String uuid() {
        return UUID.randomUUID().toString();
    }

    @HostAccess.Export
    public void digest(String algorithm, Value data, Value resolve, Value reject) {
        byte[] bytes = GuestBytes.of(data);
        work(
                bytes.length > INLINE_BYTES_MAX,
                resolve,
                reject,
                () -> ByteBuffer.wrap(MessageDigest.getInstance(algorithm).digest(bytes)));
    }

    /** A key, or a text that says what is wrong. */
    @HostAccess.Export
    public Object importKey(String format, Value data, String settings) {
        JsonNode algorithm = JSON.readTree(settings);
        KeyReader reader = new KeyReader(
                algorithm.path("name").asString(), algorithm.path("namedCurve").asString(""));
        try {
            return new HostKey(
                    format.equals("jwk")
                            ? reader.readJwk(JSON.readTree(data.asString()))
                            : reader.read(format, GuestBytes.of(data)));
        } catch (GeneralSecurityException | JacksonException | IllegalArgumentException wrong) {
            return "the key cannot be used: " + wrong.getMessage();
        }
    }

    /** The bytes of a key, or a text that says why not. */
    @HostAccess.Export
    public Object exportKey(String format, HostKey key) {
        String natural = key.key().getFormat();
        boolean isFitting = switch (format) {
            case "raw" -> natural.equals("RAW");
            case "spki" -> natural.equals("X.509");
            case "pkcs8" -> natural.equals("PKCS#8");
            default -> false;
        };
        return isFitting
                ? ByteBuffer.wrap(key.key().getEncoded())
                : "keys of this kind cannot be exported as \"" + format + "\" here";
    }

    @HostAccess.Export
    public void sign(String settings, HostKey key, Value data, Value resolve, Value reject) {
        JsonNode algorithm = JSON.readTree(settings);
        byte[] bytes = GuestBytes.of(data);
        boolean isLong = bytes.length > INLINE_BYTES_MAX || key.key() instanceof PrivateKey;
        work(isLong, resolve, reject, () -> ByteBuffer.wrap(signed(algorithm, key.key(), bytes)));
    }

    private static byte[] signed(JsonNode algorithm, Key key, byte[] data) throws GeneralSecurityException {
        if (algorithm.path("name").asString().equals("HMAC")) {
            return mac(algorithm, key, data);
        }
        if (!(key instanceof PrivateKey secret)) {
            throw new GeneralSecurityException("signing needs a private key");
        }
        Signature signature = signature(algorithm);
        signature.initSign(secret);
        signature.update(data);
        return signature.sign();
    }

    @HostAccess.Export
    public void verify(String settings, HostKey key, Value signature, Value data, Value resolve, Value reject) {
        JsonNode algorithm = JSON.readTree(settings);
        byte[] given = GuestBytes.of(signature);
        byte[] bytes = GuestBytes.of(data);
        // An RSA verification takes about 30 us; one on a curve ten times as long.
        String name = algorithm.path("name").asString();
        boolean isLong = bytes.length > INLINE_BYTES_MAX || name.equals("ECDSA") || name.equals("Ed25519");
        work(isLong, resolve, reject, () -> isValid(algorithm, key.key(), given, bytes));
    }

    private static boolean isValid(JsonNode algorithm, Key key, byte[] given, byte[] data)
            throws GeneralSecurityException {
        if (algorithm.path("name").asString().equals("HMAC")) {
            return MessageDigest.isEqual(mac(algorithm, key, data), given);
        }
        if (!(key instanceof PublicKey open)) {
            throw new GeneralSecurityException("verifying needs a public key");
        }
        Signature signature = signature(algorithm);
        signature.initVerify(open);
        signature.update(data);
        try {
            return signature.verify(given);
        } catch (GeneralSecurityException malformed) {
            return false;
        }
    }

    private static byte[] mac(JsonNode algorithm, Key key, byte[] data) throws GeneralSecurityException {
        Mac mac = Mac.getInstance("Hmac" + hash(algorithm).replace("-", ""));
        mac.init(key);
        return mac.doFinal(data);
    }

    private static String hash(JsonNode algorithm) throws GeneralSecurityException {
        String hash = algorithm.path("hash").asString("");
        return switch (hash) {
            case "SHA-1", "SHA-256", "SHA-384", "SHA-512" -> hash;
            default -> throw new GeneralSecurityException("hash \"" + hash + "\" is not supported here");
        };
    }

    private static Signature signature(JsonNode algorithm) throws GeneralSecurityException {
        String name = algorithm.path("name").asString();
        if (name.equals("Ed25519")) {
            return Signature.getInstance("Ed25519");
        }
        String hash = hash(algorithm);
        String plain = hash.replace("-", "");
        if (name.equals("ECDSA")) {
            return Signature.getInstance(plain + "withECDSAinP1363Format");
        }
        if (name.equals("RSASSA-PKCS1-v1_5")) {
            return Signature.getInstance(plain + "withRSA");
        }
        Signature signature = Signature.getInstance("RSASSA-PSS");
        int salt = algorithm.path("saltLength").asInt(0);
        signature.setParameter(new PSSParameterSpec(hash, "MGF1", new MGF1ParameterSpec(hash), salt, 1));
        return signature;
    }

    @HostAccess.Export
    public void cipher(
            boolean isEncrypting,
            String settings,
            HostKey key,
            Value vector,
            Value additional,
            Value data,
            Value resolve,
            Value reject) {
        int tagBits = JSON.readTree(settings).path("tagLength").asInt(128);
        byte[] iv = GuestBytes.of(vector);
        byte[] associated = GuestBytes.of(additional);
        byte[] bytes = GuestBytes.of(data);
        work(bytes.length > INLINE_BYTES_MAX, resolve, reject, () -> {
            Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
            cipher.init(
                    isEncrypting ? Cipher.ENCRYPT_MODE : Cipher.DECRYPT_MODE,
                    key.key(),
                    new GCMParameterSpec(tagBits, iv));
            cipher.updateAAD(associated);
            return ByteBuffer.wrap(cipher.doFinal(bytes));
        });
    }

    private void work(boolean isLong, Value resolve, Value reject, Callable<Object> task) {
        ScriptCall owner = realm.current();
        if (isLong) {
            host.offload(() -> {
                Runnable result = result(resolve, reject, task);
                host.post(owner, result);
            });
        } else {
            host.soon(owner, result(resolve, reject, task));
        }
    }

    private static Runnable result(Value resolve, Value reject, Callable<Object> task) {
        try {
            Object value = task.call();
            return () -> resolve.executeVoid(value);
        } catch (
                Exception
                        failed) { // Callable; what providers throw for bad input is not only GeneralSecurityException.
            String why = failed instanceof GeneralSecurityException
                    ? String.valueOf(failed.getMessage())
                    : "the operation failed";
            return () -> reject.executeVoid(why);
        }
    }
}
