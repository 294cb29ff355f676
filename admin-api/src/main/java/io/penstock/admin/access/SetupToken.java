package io.penstock.admin.access;

import io.penstock.admin.store.DataFolder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Optional;

/**
 * The token that lets the first administrator in: kept in the data folder, readable by its owner only, gone once claimed.
 *
 * <p>Any thread.
 */
final class SetupToken {

    static final String FILE = "setup-token";

    private final DataFolder folder;
    private final SecureRandom random;

    // Empty when there is none, or it was claimed.
    private volatile Optional<String> secret = Optional.empty();

    SetupToken(DataFolder folder, SecureRandom random) {
        this.folder = folder;
        this.random = random;
    }

    /** The one of an earlier start that nobody claimed, or a new one. */
    synchronized String readOrMake() {
        if (secret.isPresent()) {
            return secret.get();
        }
        Optional<String> left =
                folder.readSecret(FILE).map(String::strip).filter(text -> text.startsWith(SecretText.SETUP_PREFIX));
        String open = left.orElseGet(() -> SecretText.make(SecretText.SETUP_PREFIX, random));
        if (left.isEmpty()) {
            folder.writeSecret(FILE, open + "\n");
        }
        secret = Optional.of(open);
        return open;
    }

    boolean isOpen() {
        return secret.isPresent();
    }

    boolean matches(String presented) {
        return secret.isPresent()
                && MessageDigest.isEqual(
                        secret.get().getBytes(StandardCharsets.UTF_8), presented.getBytes(StandardCharsets.UTF_8));
    }

    synchronized void discard() {
        secret = Optional.empty();
        folder.delete(FILE);
    }
}
