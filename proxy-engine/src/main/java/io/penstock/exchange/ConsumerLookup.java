package io.penstock.exchange;

import io.penstock.consumer.CredentialDigest;
import io.penstock.consumer.DigestKind;
import io.penstock.mark.WorkerConfined;
import io.penstock.snapshot.ConsumerRuntime;
import io.penstock.snapshot.ConsumerTable;
import io.penstock.snapshot.SnapshotPins;
import io.penstock.spi.Credential;
import io.penstock.spi.Identity;
import org.jspecify.annotations.Nullable;

/** Finds consumers and credentials in the snapshot that is current: what a revision revokes counts no more from its adoption on. */
@WorkerConfined
public final class ConsumerLookup implements Credential.Lookup {
    private final SnapshotPins pins;
    // Null before the first consumer. The key stays the same as long as the process lives.
    private @Nullable CredentialDigest digest;

    /** One for the worker with these snapshots. */
    public ConsumerLookup(SnapshotPins pins) {
        this.pins = pins;
    }

    @Override
    public @Nullable Credential apiKey(byte[] bytes, int offset, int length) {
        return find(DigestKind.API_KEY, bytes, offset, length);
    }

    @Override
    public @Nullable Credential username(byte[] bytes, int offset, int length) {
        return find(DigestKind.USERNAME, bytes, offset, length);
    }

    @Override
    public @Nullable Credential keyId(byte[] bytes, int offset, int length) {
        return find(DigestKind.KEY_ID, bytes, offset, length);
    }

    @Override
    public @Nullable Identity consumer(String name) {
        ConsumerTable table = pins.current().snapshot().consumers();
        ConsumerRuntime known = table.isEmpty() ? null : table.consumer(name, digest(table));
        return known == null ? null : known.identity();
    }

    private @Nullable Credential find(DigestKind kind, byte[] bytes, int offset, int length) {
        ConsumerTable table = pins.current().snapshot().consumers();
        return table.isEmpty() ? null : table.credential(kind, bytes, offset, length, digest(table));
    }

    /**
     * The consumer that an identity names; null if the configuration has none of that name.
     *
     * @param credential that told it; null if another way did
     */
    @SuppressWarnings("ReferenceEquality") // The very identity that the table made; comparing what is in it costs more.
    @Nullable
    ConsumerRuntime consumer(Identity identity, @Nullable Credential credential) {
        ConsumerTable table = pins.current().snapshot().consumers();
        String name = identity.consumer();
        if (name == null || table.isEmpty()) {
            return null;
        }
        ConsumerRuntime numbered = credential == null ? null : table.consumer(credential.consumer());
        // A number is another's if a revision was adopted since.
        return numbered != null && numbered.identity() == identity ? numbered : table.consumer(name, digest(table));
    }

    private CredentialDigest digest(ConsumerTable table) {
        CredentialDigest mine = digest;
        if (mine == null) {
            mine = table.newDigest();
            digest = mine;
        }
        return mine;
    }
}
