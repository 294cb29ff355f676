package io.penstock.admin.backup;

import io.penstock.admin.store.ConfigStore;
import io.penstock.admin.store.DataFolder;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** A copy of a state that is in use, as a folder that another program may open: what a backup holds, not sealed. */
public final class StateCopy {
    private StateCopy() {}

    /**
     * Copies what is there now.
     *
     * @param from the folder of the store
     * @param to is made
     * @throws io.penstock.admin.store.StoreRefused if the store cannot be copied: no room above all
     */
    public static void make(ConfigStore store, Path from, Path to) throws IOException {
        Files.createDirectory(to, DataFolder.OWNER_FOLDER);
        Path copy = to.resolve(StateFiles.STORE);
        DataFolder.makeOwnerFile(copy);
        store.copyTo(copy);
        for (String name : StateFiles.COPIED) {
            copy(from.resolve(name), to.resolve(name));
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        try (InputStream in = Files.newInputStream(from)) {
            DataFolder.makeOwnerFile(to);
            try (OutputStream out = Files.newOutputStream(to)) {
                in.transferTo(out);
            }
        } catch (NoSuchFileException absent) {
            // Each is made when it is needed first.
            return;
        }
    }

    /** How many bytes it takes, about. */
    public static long bytes(Path from) throws IOException {
        return Files.size(from.resolve(StateFiles.STORE));
    }

    /** Removes a copy, or what there is of it. */
    public static void remove(Path copy) throws IOException {
        Restore.delete(copy);
    }
}
