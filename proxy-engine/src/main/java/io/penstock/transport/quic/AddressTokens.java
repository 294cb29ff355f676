package io.penstock.transport.quic;

import io.penstock.mark.SharedByWorkers;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Tokens by which a peer shows that its address is its own (RFC 9000 section 8.1.2): when it was made, the id that the peer had
 * chosen, and a keyed hash (HMAC-SHA256) of both and of the address. The key is another one in each ten minutes.
 *
 * <p>Made and checked only while many handshakes are under way, so what they allocate does not matter.
 */
@SharedByWorkers
public final class AddressTokens {
    /** How long one is good. */
    private static final long GOOD_MS = 10_000;

    private static final long PERIOD_MS = 600_000;
    private static final int TIME_BYTES = Long.BYTES;
    private static final int HASH_BYTES = 16;
    private static final int ID_BYTES_MAX = 20;

    /** How long one may be. */
    public static final int BYTES_MAX = TIME_BYTES + HASH_BYTES + ID_BYTES_MAX;

    /** Where the id begins in one. */
    public static final int ID_OFFSET = TIME_BYTES + HASH_BYTES;

    private final byte[] secret;

    /** Tokens under a secret. */
    public AddressTokens(byte[] secret) {
        this.secret = secret.clone();
    }

    /** Makes one. */
    public byte[] make(byte[] id, InetSocketAddress peer, long nowMs) {
        byte[] hash = hash(id, peer, nowMs);
        return ByteBuffer.allocate(ID_OFFSET + id.length)
                .putLong(nowMs)
                .put(hash)
                .put(id)
                .array();
    }

    /** Whether this is one of ours, made for this address lately. */
    public boolean isGood(byte[] token, InetSocketAddress peer, long nowMs) {
        if (token.length <= ID_OFFSET || token.length > BYTES_MAX) {
            return false;
        }
        long madeMs = ByteBuffer.wrap(token).getLong();
        byte[] id = Arrays.copyOfRange(token, ID_OFFSET, token.length);
        return madeMs <= nowMs
                && nowMs - madeMs <= GOOD_MS
                && MessageDigest.isEqual(hash(id, peer, madeMs), Arrays.copyOfRange(token, TIME_BYTES, ID_OFFSET));
    }

    private byte[] hash(byte[] id, InetSocketAddress peer, long madeMs) {
        byte[] key = hmac(
                secret,
                ByteBuffer.allocate(TIME_BYTES).putLong(madeMs / PERIOD_MS).array());
        byte[] address = peer.getAddress().getAddress();
        byte[] all = ByteBuffer.allocate(TIME_BYTES + 1 + address.length + Integer.BYTES + id.length)
                .putLong(madeMs)
                .put((byte) address.length)
                .put(address)
                .putInt(peer.getPort())
                .put(id)
                .array();
        return Arrays.copyOf(hmac(key, all), HASH_BYTES);
    }

    private static byte[] hmac(byte[] key, byte[] message) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key, "HmacSHA256"));
            return mac.doFinal(message);
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException("the platform has no HMAC-SHA256", impossible);
        }
    }
}
