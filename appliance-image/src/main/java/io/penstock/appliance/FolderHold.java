package io.penstock.appliance;

import io.penstock.admin.backup.Restore;
import io.penstock.admin.secret.SecretVault;
import io.penstock.admin.store.DataFolder;
import io.penstock.admin.store.DataFolderRefused;
import io.penstock.engine.ProxyEngine;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * This process's hold on its data folder, and on the {@link AdminSide} that lies in it. Both are given up while another process
 * takes this one's place, and taken again should that come to nothing. One thread at a time.
 *
 * <p>{@link #close} lets go of the folder alone: the side is closed above the parts that it needs, by {@link #closeSide}.
 */
final class FolderHold implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(FolderHold.class);

    private final Path path;
    private DataFolder folder;

    // Null until it is opened for the first time.
    private @Nullable AdminSide side;

    private FolderHold(Path path, DataFolder folder) {
        this.path = path;
        this.folder = folder;
    }

    /**
     * Takes hold of a folder, and finishes a restore that was broken off in it.
     *
     * @throws StartFailure if another process holds it, or it cannot be used; nothing is held then
     */
    static FolderHold take(Path path) throws StartFailure {
        return new FolderHold(path, hold(path));
    }

    private static DataFolder hold(Path path) throws StartFailure {
        try {
            DataFolder held = DataFolder.hold(path);
            finishRestore(held);
            return held;
        } catch (DataFolderRefused refused) {
            // Only a folder that is held has nothing else to blame.
            boolean isHeld = refused.getCause() == null;
            throw new StartFailure(
                    isHeld ? StartFailure.Kind.FOLDER_IN_USE : StartFailure.Kind.OTHER,
                    String.valueOf(refused.getMessage()),
                    refused);
        }
    }

    /** A restore that was killed has decided already which state is to be served, or has not begun. */
    private static void finishRestore(DataFolder held) throws StartFailure {
        boolean isFinished = false;
        try {
            if (Restore.finish(held)) {
                LOG.warn("a restore that was broken off is finished: what the backup held is served");
            }
            isFinished = true;
        } catch (IOException failed) {
            throw new StartFailure(
                    StartFailure.Kind.OTHER,
                    "a restore was broken off in " + held.path() + " and cannot be finished: " + failed
                            + ". Make the folder writable, with free space, and start again.",
                    failed);
        } finally {
            if (!isFinished) {
                held.close();
            }
        }
    }

    /** The folder that is held. */
    DataFolder folder() {
        return folder;
    }

    /** Opens what lies in the folder. @throws StartFailure if it cannot be opened; the folder is still held then */
    AdminSide open(SecretVault vault, Plugins plugins, Clock clock, SecureRandom random) throws StartFailure {
        AdminSide opened = new AdminSide(folder, vault, plugins, clock, random);
        side = opened;
        return opened;
    }

    /** What lies in the folder. */
    AdminSide side() {
        AdminSide present = side;
        if (present == null) {
            throw new IllegalStateException("what lies in the folder is not open yet");
        }
        return present;
    }

    /** Gives both up, for another process to take. May be said again. */
    void giveUp() {
        stopChanges();
        closeSide();
        close();
    }

    /**
     * Takes the folder again, and has a running engine serve what is stored. Gives up first what is still held.
     *
     * @return what lies in the folder, which takes changes
     * @throws StartFailure if another process holds the folder, or what is stored cannot be opened or served
     */
    AdminSide takeAgain(ProxyEngine engine, EngineWindow window) throws StartFailure {
        giveUp();
        folder = hold(path);
        AdminSide fresh = side().again(folder);
        boolean isServed = false;
        try {
            fresh.serve(engine, window, Optional.empty());
            isServed = true;
        } finally {
            if (!isServed) {
                fresh.stopChanges();
                fresh.close();
            }
        }
        side = fresh;
        return fresh;
    }

    /** Has the admin side take no more changes. */
    void stopChanges() {
        side().stopChanges();
    }

    /** Closes the admin side. */
    void closeSide() {
        side().close();
    }

    /** Lets go of the folder. */
    @Override
    public void close() {
        folder.close();
    }
}
