package io.penstock.appliance;

import java.util.ArrayDeque;
import java.util.Deque;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Parts in the order in which they were opened, to be closed in the opposite order. One thread. */
final class OpenParts implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(OpenParts.class);

    private final Deque<AutoCloseable> parts = new ArrayDeque<>();

    <P extends AutoCloseable> P add(P part) {
        parts.push(part);
        return part;
    }

    /** Closes every part, also those below one that fails to close. */
    @Override
    public void close() {
        while (!parts.isEmpty()) {
            AutoCloseable part = parts.pop();
            try {
                part.close();
            } catch (Exception failed) {
                // The rest must be closed all the same: the store above all.
                LOG.error("{} did not close", part.getClass().getSimpleName(), failed);
            }
        }
    }
}
