package io.penstock.admin.backup;

import io.penstock.admin.store.DataFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * Empties a data folder: the next start is the first one, with a setup token. Keys go first, so that a reset that is broken off leaves
 * nothing that could be read; it can be repeated.
 */
public final class FactoryReset {
    private static final String LOCK = "lock";

    private FactoryReset() {}

    /** Whether a gateway has kept its state there: what holds none of it is not for us to empty. */
    public static boolean isDataFolder(Path folder) {
        return Files.isRegularFile(folder.resolve(StateFiles.STORE))
                || Files.isRegularFile(folder.resolve("setup-token"))
                || Files.isRegularFile(folder.resolve("secrets.key"))
                || Files.isRegularFile(folder.resolve("instance.seed"));
    }

    /**
     * Removes everything but the lock, which is held. Links are removed, not followed.
     *
     * @return how many files and folders
     */
    public static int empty(DataFolder folder) throws IOException {
        List<Path> entries;
        try (Stream<Path> found = Files.list(folder.path())) {
            entries = found.filter(entry -> !entry.endsWith(LOCK))
                    .sorted(Comparator.comparing((Path entry) -> !isKey(entry)).thenComparing(Path::compareTo))
                    .toList();
        }
        int removed = 0;
        for (Path entry : entries) {
            removed += Restore.delete(entry);
        }
        DataFolder.flushFolder(folder.path());
        return removed;
    }

    private static boolean isKey(Path entry) {
        String name = entry.getFileName() + "";
        return name.endsWith(".key") || name.endsWith(".seed") || name.equals("setup-token");
    }
}
