package io.penstock.snapshot;

import io.penstock.consumer.CredentialDigest;
import io.penstock.consumer.CredentialIndex;
import io.penstock.consumer.DigestKind;
import io.penstock.spi.Credential;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Every consumer of a revision and every credential that counts, found by digests. Immutable, shared by all workers;
 * versions share what did not change.
 */
public final class ConsumerTable {
    private static final byte[] NO_KEY = {};

    /** Nobody. */
    public static final ConsumerTable EMPTY =
            new ConsumerTable(CredentialIndex.empty(), DenseTable.empty(), DenseTable.empty(), NO_KEY);

    final CredentialIndex index;
    final DenseTable<Credential> credentials;
    final DenseTable<ConsumerRuntime> consumers;
    private final byte[] digestKey;

    ConsumerTable(
            CredentialIndex index,
            DenseTable<Credential> credentials,
            DenseTable<ConsumerRuntime> consumers,
            byte[] digestKey) {
        this.index = index;
        this.credentials = credentials;
        this.consumers = consumers;
        this.digestKey = digestKey;
    }

    /** Whether there is nobody to be found, and no key to look with. */
    public boolean isEmpty() {
        return index.size() == 0;
    }

    /** A digester for this table and those that follow it, for one thread. Not of an empty table. */
    public CredentialDigest newDigest() {
        return new CredentialDigest(digestKey);
    }

    /** The credential with these bytes; null if there is none. */
    public @Nullable Credential credential(
            DigestKind kind, byte[] bytes, int offset, int length, CredentialDigest digest) {
        digest.digest(kind, bytes, offset, length);
        int number = index.find(digest.high(), digest.low());
        return number == CredentialIndex.NONE ? null : credentials.get(number);
    }

    /** A consumer by the number that its credentials tell; null if it is gone. */
    public @Nullable ConsumerRuntime consumer(int number) {
        return consumers.get(number);
    }

    /** A consumer by its name; null if there is none. */
    public @Nullable ConsumerRuntime consumer(String name, CredentialDigest digest) {
        byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
        digest.digest(DigestKind.NAME, bytes, 0, bytes.length);
        int number = index.find(digest.high(), digest.low());
        return number == CredentialIndex.NONE ? null : consumers.get(number);
    }

    /** Direct memory of this version, in bytes. */
    public long offHeapBytes() {
        return index.bytes();
    }
}
