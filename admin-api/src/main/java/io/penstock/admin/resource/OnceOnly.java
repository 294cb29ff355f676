package io.penstock.admin.resource;

import io.penstock.admin.revision.IdempotencyKey;
import io.penstock.admin.store.ConfigStore;
import io.penstock.admin.store.KeptAnswer;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import javax.crypto.Cipher;
import javax.crypto.KDF;
import javax.crypto.SecretKey;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.HKDFParameterSpec;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Does what a request with an {@code Idempotency-Key} asks for once, and gives the same answer again for 24 hours. For
 * what makes no revision; the keys of revisions are the pipeline's.
 *
 * <p>An answer may hold a secret that is kept nowhere else, and the store must not become the place that gives it away. It is
 * encrypted (AES-256-GCM) under a key that only the caller's own token can give: HKDF-SHA256 (RFC 5869) of the bearer
 * token, which the store knows as a hash only. Who steals the disk has the cipher text; who has the bearer token had the
 * answer.
 */
final class OnceOnly {
    private static final Duration KEPT = Duration.ofHours(24);
    private static final int SALT_BYTES = 16;
    private static final int NONCE_BYTES = 12;
    private static final int TAG_BITS = 128;
    private static final byte[] PURPOSE = "penstock kept answer".getBytes(StandardCharsets.US_ASCII);

    private final ConfigStore store;
    private final Clock clock;
    private final SecureRandom random;

    // One at a time, so that a request sent twice at once is done once. They are rare and short.
    private final ReentrantLock turn = new ReentrantLock();

    OnceOnly(ConfigStore store, Clock clock, SecureRandom random) {
        this.store = store;
        this.clock = clock;
        this.random = random;
    }

    /** Makes of an answer what is to be stored with what it tells of; empty if there is no key. */
    @FunctionalInterface
    interface Keeper {
        Optional<KeptAnswer> keep(ApiReply reply);
    }

    /** The answer of {@code work}, or the one it gave to the same request before. */
    ApiReply answer(ApiRequest request, Function<Keeper, ApiReply> work) {
        Optional<IdempotencyKey> key = Changes.key(request, JsonBounds.RESOURCE);
        if (key.isEmpty()) {
            return work.apply(reply -> Optional.empty());
        }
        turn.lock();
        try {
            Instant now = clock.instant();
            String owner = request.principal().tokenId();
            Optional<KeptAnswer> known = store.keptAnswer(owner, key.get().key(), now);
            if (known.isEmpty()) {
                return work.apply(reply -> Optional.of(new KeptAnswer(
                        owner,
                        key.get().key(),
                        key.get().fingerprint(),
                        seal(reply, request, key.get()),
                        now.plus(KEPT))));
            }
            if (!known.get().fingerprint().equals(key.get().fingerprint())) {
                throw Rejections.keyReused();
            }
            return open(known.get(), request, key.get()).with("Idempotency-Replayed", "true");
        } finally {
            turn.unlock();
        }
    }

    private String seal(ApiReply reply, ApiRequest request, IdempotencyKey key) {
        if (!(reply.body() instanceof ApiReply.Bytes bytes)) {
            throw new IllegalStateException("only an answer that is all there can be kept");
        }
        ObjectNode whole = JsonText.NODES.objectNode().put("status", reply.status());
        ObjectNode headers = whole.putObject("headers");
        reply.headers().forEach(headers::put);
        whole.set("body", JsonMapper.shared().readTree(bytes.content()));
        byte[] salt = new byte[SALT_BYTES];
        byte[] nonce = new byte[NONCE_BYTES];
        random.nextBytes(salt);
        random.nextBytes(nonce);
        try {
            byte[] cipherText =
                    cipher(Cipher.ENCRYPT_MODE, salt, nonce, request, key).doFinal(JsonText.write(whole));
            return Base64.getEncoder()
                    .encodeToString(ByteBuffer.allocate(SALT_BYTES + NONCE_BYTES + cipherText.length)
                            .put(salt)
                            .put(nonce)
                            .put(cipherText)
                            .array());
        } catch (GeneralSecurityException missing) {
            throw new IllegalStateException("Java 25 must have HKDF-SHA256 and AES-GCM", missing);
        }
    }

    private static ApiReply open(KeptAnswer kept, ApiRequest request, IdempotencyKey key) {
        ByteBuffer sealed = ByteBuffer.wrap(Base64.getDecoder().decode(kept.sealed()));
        byte[] salt = new byte[SALT_BYTES];
        byte[] nonce = new byte[NONCE_BYTES];
        sealed.get(salt).get(nonce);
        byte[] cipherText = new byte[sealed.remaining()];
        sealed.get(cipherText);
        try {
            JsonNode whole = JsonMapper.shared()
                    .readTree(cipher(Cipher.DECRYPT_MODE, salt, nonce, request, key)
                            .doFinal(cipherText));
            ApiReply reply = ApiReply.json(whole.get("status").intValue(), whole.get("body"));
            for (var header : whole.get("headers").properties()) {
                reply = reply.with(header.getKey(), header.getValue().stringValue());
            }
            return reply;
        } catch (GeneralSecurityException damaged) {
            throw new IllegalStateException("the kept answer of token " + kept.owner() + " is damaged", damaged);
        }
    }

    private static Cipher cipher(int mode, byte[] salt, byte[] nonce, ApiRequest request, IdempotencyKey key)
            throws GeneralSecurityException {
        byte[] bearer = request.bearer().getBytes(StandardCharsets.UTF_8);
        SecretKey secret = KDF.getInstance("HKDF-SHA256")
                .deriveKey(
                        "AES",
                        HKDFParameterSpec.ofExtract()
                                .addIKM(bearer)
                                .addSalt(salt)
                                .thenExpand(PURPOSE, 32));
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(mode, secret, new GCMParameterSpec(TAG_BITS, nonce));
        cipher.updateAAD((key.key() + "\n" + key.fingerprint()).getBytes(StandardCharsets.UTF_8));
        return cipher;
    }
}
