package io.penstock.appliance;

import io.penstock.admin.store.DataFolder;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A folder for one task, open to its owner only; gone with all that is in it when it is closed, and when the process is told to end. */
final class TemporaryFolder implements AutoCloseable {
    private final Path path;
    private final Thread atEnd;

    private TemporaryFolder(Path path) {
        this.path = path;
        this.atEnd = new Thread(this::removeQuietly, "penstock-tidy");
        Runtime.getRuntime().addShutdownHook(atEnd);
    }

    static TemporaryFolder make(Optional<Path> in) throws IOException {
        return new TemporaryFolder(
                in.isPresent()
                        ? Files.createTempDirectory(in.get(), "rehearsal", DataFolder.OWNER_FOLDER)
                        : Files.createTempDirectory("penstock-rehearsal", DataFolder.OWNER_FOLDER));
    }

    Path path() {
        return path;
    }

    @Override
    public void close() throws IOException {
        remove();
        try {
            Runtime.getRuntime().removeShutdownHook(atEnd);
        } catch (IllegalStateException ending) {
            // The process ends already; it finds nothing left to do.
        }
    }

    private void removeQuietly() {
        try {
            remove();
        } catch (IOException left) {
            System.err.println(path + " could not be removed: " + left);
        }
    }

    private void remove() throws IOException {
        if (Files.notExists(path)) {
            return;
        }
        Files.walkFileTree(path, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.deleteIfExists(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path folder, @Nullable IOException failed) throws IOException {
                Files.deleteIfExists(folder);
                return FileVisitResult.CONTINUE;
            }
        });
    }
}
