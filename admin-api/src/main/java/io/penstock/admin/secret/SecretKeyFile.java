package io.penstock.admin.secret;

import io.penstock.admin.store.DataFolder;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Base64;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/** The key of all secrets, as one line of base64 that only its owner may read. */
final class SecretKeyFile {
    /** What an operator can do whose key is gone. */
    static final String WAY_OUT = "Put the file back from a backup. If it is lost, the values are too: move"
            + " penstock.db* and last-good.* out of the data folder, start, and apply your document with the values"
            + " again.";

    private static final int KEY_BYTES = 32;
    private static final Set<PosixFilePermission> OWNERS =
            EnumSet.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE);

    private SecretKeyFile() {}

    static Optional<byte[]> read(DataFolder folder) throws VaultRefused {
        Path file = folder.file(SecretVault.KEY_FILE);
        try {
            if (Files.notExists(file)) {
                return Optional.empty();
            }
            Set<PosixFilePermission> found = Files.getPosixFilePermissions(file);
            if (!OWNERS.containsAll(found)) {
                throw new VaultRefused("the key of the secrets, " + file + ", has the mode "
                        + PosixFilePermissions.toString(found)
                        + ": others than its owner may use it. If nobody did, chmod 600 " + file
                        + "; else take it as known to others, and give every secret a new value afterwards.");
            }
            byte[] key = Base64.getDecoder()
                    .decode(Files.readString(file, StandardCharsets.US_ASCII).strip());
            if (key.length == KEY_BYTES) {
                return Optional.of(key);
            }
        } catch (IllegalArgumentException noKey) {
            throw new VaultRefused(file + " holds no key. " + WAY_OUT, noKey);
        } catch (IOException unreadable) {
            throw new VaultRefused(
                    "the key of the secrets, " + file + ", cannot be read (" + unreadable
                            + "). Make it readable for this user, or put it back from a backup.",
                    unreadable);
        }
        throw new VaultRefused(file + " holds no key. " + WAY_OUT);
    }

    /** Durable when it returns. */
    static void write(DataFolder folder, byte[] key) {
        folder.writeSecret(SecretVault.KEY_FILE, Base64.getEncoder().encodeToString(key) + "\n");
    }
}
