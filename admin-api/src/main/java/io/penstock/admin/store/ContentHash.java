package io.penstock.admin.store;

import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.Map;

/**
 * A hash of a whole configuration that costs what changed.
 *
 * <p>The sum modulo 2^256 of the SHA-256 of every resource: a put adds one, a removal subtracts one, order plays no
 * role (AdHash: Bellare and Micciancio, "A New Paradigm for Collision-Free Hashing", EUROCRYPT 1997). It finds a state
 * that mixes two revisions or lost a page; it is not meant to resist someone who chooses the resources to collide.
 *
 * <p>Immutable.
 */
final class ContentHash {

    static final ContentHash EMPTY = new ContentHash(new byte[FramedDigest.BYTES]);

    // Big endian.
    private final byte[] sum;

    private ContentHash(byte[] sum) {
        this.sum = sum;
    }

    /** @throws IllegalArgumentException if the text is not 64 hexadecimal digits */
    static ContentHash parse(String hex) {
        byte[] bytes = HexFormat.of().parseHex(hex);
        if (bytes.length != FramedDigest.BYTES) {
            throw new IllegalArgumentException("a content hash has 32 bytes, found " + bytes.length);
        }
        return new ContentHash(bytes);
    }

    static ContentHash of(Map<ResourceKey, StoredResource> resources) {
        ContentHash hash = EMPTY;
        for (Map.Entry<ResourceKey, StoredResource> entry : resources.entrySet()) {
            hash = hash.plus(entry.getKey(), entry.getValue().json());
        }
        return hash;
    }

    ContentHash plus(ResourceKey key, String json) {
        byte[] term = term(key, json);
        byte[] next = new byte[FramedDigest.BYTES];
        int carry = 0;
        for (int i = FramedDigest.BYTES - 1; i >= 0; i--) {
            int digit = (sum[i] & 0xff) + (term[i] & 0xff) + carry;
            next[i] = (byte) digit;
            carry = digit >>> 8;
        }
        return new ContentHash(next);
    }

    ContentHash minus(ResourceKey key, String json) {
        byte[] term = term(key, json);
        byte[] next = new byte[FramedDigest.BYTES];
        int borrow = 0;
        for (int i = FramedDigest.BYTES - 1; i >= 0; i--) {
            int digit = (sum[i] & 0xff) - (term[i] & 0xff) - borrow;
            next[i] = (byte) digit;
            borrow = digit < 0 ? 1 : 0;
        }
        return new ContentHash(next);
    }

    private static byte[] term(ResourceKey key, String json) {
        return new FramedDigest().add(key.type()).add(key.name()).add(json).finish();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ContentHash hash && ByteBuffer.wrap(sum).equals(ByteBuffer.wrap(hash.sum));
    }

    @Override
    public int hashCode() {
        return ByteBuffer.wrap(sum).hashCode();
    }

    @Override
    public String toString() {
        return HexFormat.of().formatHex(sum);
    }
}
