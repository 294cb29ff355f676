package io.penstock.admin.store;

import java.util.Optional;

/** Cursors of lists that run from the newest number down: the number after which the next page begins. */
final class Cursors {

    private Cursors() {}

    /**
     * The number below which a page begins.
     *
     * @throws IllegalArgumentException if the cursor is not one that was handed out: the caller's client made it up
     */
    static long below(Optional<String> cursor) {
        if (cursor.isEmpty()) {
            return Long.MAX_VALUE;
        }
        try {
            return Long.parseLong(cursor.get());
        } catch (NumberFormatException madeUp) {
            throw new IllegalArgumentException(
                    "cursor \"" + cursor.get() + "\" was not handed out by this list", madeUp);
        }
    }
}
