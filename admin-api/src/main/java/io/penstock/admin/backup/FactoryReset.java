package io.penstock.admin.backup;

import io.penstock.admin.store.DataFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * Empties a data folder: the next start is the first one, with a setup token. A restore that waits to be finished goes first, or the next
 * start would finish it, and then keys, so that a reset that is broken off leaves nothing that could be read; it can be repeated.
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
        int removed = 0;
        int turn = 0;
        for (Path entry : inOrder(folder.path())) {
            if (turn(entry) > turn) {
                // What had to go first is gone for good before the next goes.
                DataFolder.flushFolder(folder.path());
                turn = turn(entry);
            }
            removed += Restore.delete(entry);
        }
        DataFolder.flushFolder(folder.path());
        return removed;
    }

    /** What is removed, in the order in which it is. */
    static List<Path> inOrder(Path folder) throws IOException {
        try (Stream<Path> found = Files.list(folder)) {
            return found.filter(entry -> !entry.endsWith(LOCK))
                    .sorted(Comparator.comparingInt(FactoryReset::turn).thenComparing(Path::compareTo))
                    .toList();
        }
    }

    private static int turn(Path entry) {
        String name = entry.getFileName() + "";
        if (Restore.isOfRestore(name)) {
            return 0;
        }
        return name.endsWith(".key") || name.endsWith(".seed") || name.equals("setup-token") ? 1 : 2;
    }
}
