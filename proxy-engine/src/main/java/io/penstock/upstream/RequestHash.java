package io.penstock.upstream;

import io.penstock.config.HashKey;
import io.penstock.http.ByteBuilder;
import io.penstock.http.Cookies;
import io.penstock.http.Fields;
import io.penstock.http.QueryParameters;
import io.penstock.http.RequestHead;
import io.penstock.limit.KeyHash;
import io.penstock.mark.WorkerConfined;

/**
 * Hashes what of a request decides about its endpoint, where it lies and without allocation. The seed is the same in every
 * process: a restart, or another gateway before the same endpoints, must not move anybody. Whoever chooses its key by
 * chance could as well send the same one again and again, so there is nothing to hide.
 */
@WorkerConfined
final class RequestHash {
    private final KeyHash hash = new KeyHash(0x636f6e7369737465L, 0x6e74206861736865L);
    private final QueryParameters query = new QueryParameters();
    private final Cookies cookies = new Cookies();
    private final ByteBuilder decoded = new ByteBuilder(256);

    /**
     * Hashes a request for {@link #value}.
     *
     * @param name of the key, in bytes
     * @return false if it lacks what is hashed
     */
    boolean of(HashKey key, byte[] name, RequestHead head, byte[] clientAddress) {
        hash.begin();
        boolean isThere = add(key, name, head, clientAddress);
        hash.finish();
        return isThere;
    }

    /** Hashes a text that a filter gave. */
    void of(String text) {
        hash.begin().add(text).finish();
    }

    /** The last hash. */
    long value() {
        return hash.high();
    }

    private boolean add(HashKey key, byte[] name, RequestHead head, byte[] clientAddress) {
        switch (key.kind()) {
            case CLIENT_ADDRESS -> hash.add(clientAddress, 0, clientAddress.length);
            case PATH -> hash.add(head.bytes(), head.pathOffset(), head.pathLength());
            case HEADER -> {
                Fields fields = head.fields();
                int found = fields.find(key.name());
                if (found < 0) {
                    return false;
                }
                hash.add(fields.bytes(), fields.valueOffset(found), fields.valueLength(found));
            }
            case COOKIE -> {
                if (!cookies.find(head.fields(), name)) {
                    return false;
                }
                hash.add(head.fields().bytes(), cookies.offset(), cookies.length());
            }
            case QUERY -> {
                if (!query.find(head, key.name())) {
                    return false;
                }
                decoded.clear();
                query.decodeValue(head.bytes(), decoded);
                hash.add(decoded.array(), 0, decoded.length());
            }
        }
        return true;
    }
}
