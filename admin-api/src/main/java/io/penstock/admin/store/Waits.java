package io.penstock.admin.store;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/** Waits for the writer's thread as a plain call would. */
final class Waits {

    private Waits() {}

    /** Gives the result, or throws what the write threw. An interrupt does not end the wait: the write is under way. */
    static <T> T join(CompletableFuture<T> write) {
        try {
            return write.join();
        } catch (CompletionException failed) {
            if (failed.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw failed;
        }
    }
}
