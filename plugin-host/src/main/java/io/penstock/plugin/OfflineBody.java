package io.penstock.plugin;

import io.penstock.mark.WorkerConfined;
import io.penstock.spi.BodyReader;
import org.jspecify.annotations.Nullable;

/** A body as hooks read it, what was put in its place, and whether body hooks are to see it. */
@WorkerConfined
final class OfflineBody {
    private byte[] bytes;
    private boolean isReplaced;
    private boolean isSkipped;

    OfflineBody(byte[] bytes) {
        this.bytes = bytes;
    }

    int length() {
        return bytes.length;
    }

    /** What was put in its place; null if nothing was. */
    byte @Nullable [] replacement() {
        return isReplaced ? bytes : null;
    }

    boolean isSkipped() {
        return isSkipped;
    }

    void read(int bytesMax, BodyReader reader) {
        if (bytes.length > bytesMax) {
            reader.tooLarge();
        } else {
            reader.complete(bytes);
        }
    }

    void replace(byte[] other) {
        bytes = other;
        isReplaced = true;
    }

    void skip() {
        isSkipped = true;
    }
}
