package io.penstock.plugin.kv;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Copies of a store that somebody waits for and the store's thread makes between its operations, so that each is of one moment. One at a
 * time: who comes meanwhile waits for the other's end.
 */
final class StoreCopies {
    private static final long SECONDS_MAX = 60;

    private volatile @Nullable Wanted wanted;

    private record Wanted(Path to, CompletableFuture<Boolean> made) {}

    /**
     * Has one made. Any thread but the store's and the workers'.
     *
     * @param wake wakes the store's thread, and says why there is none, or an empty text
     * @throws IOException if it cannot be made, or is not in time
     */
    synchronized void await(Path to, Supplier<String> wake) throws IOException {
        Wanted mine = new Wanted(to, new CompletableFuture<>());
        // Said before looking whether the store is open: who closes it says so first and then looks here.
        wanted = mine;
        try {
            String notOpen = wake.get();
            if (!notOpen.isEmpty()) {
                throw new IOException("the key-value store of plugins is not open: " + notOpen);
            }
            mine.made().get(SECONDS_MAX, TimeUnit.SECONDS);
        } catch (InterruptedException ended) {
            Thread.currentThread().interrupt();
            throw new IOException("the wait for a copy of the key-value store of plugins was ended", ended);
        } catch (TimeoutException late) {
            throw new IOException(
                    "the key-value store of plugins was not copied within " + SECONDS_MAX + " seconds", late);
        } catch (ExecutionException failed) {
            throw new IOException("the key-value store of plugins is not copied: " + failed.getCause(), failed);
        } finally {
            wanted = null;
        }
    }

    /** Whether somebody waits. */
    boolean isWanted() {
        Wanted now = wanted;
        return now != null && !now.made().isDone();
    }

    /** Makes what is waited for, if anything is. The store's thread. */
    void make(Shelf shelf) {
        Wanted now = wanted;
        if (now == null || now.made().isDone()) {
            return;
        }
        try {
            shelf.copyTo(now.to());
            now.made().complete(true);
        } catch (IOException | RuntimeException failed) {
            now.made().completeExceptionally(failed);
        }
    }

    /** Nobody will make it. */
    void refuse(String why) {
        Wanted now = wanted;
        if (now != null) {
            now.made().completeExceptionally(new IOException(why));
        }
    }
}
