package io.penstock.admin.store;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The store was not sound at start, and this was done about it. To be told loudly: in the log, on standard error, in
 * {@code /v1/node}.
 *
 * @param fault what was wrong with the store
 * @param detail the fault in words
 * @param source what is served instead
 * @param sourceFile the exported snapshot that serves, when it was one
 * @param movedAside the files that were set aside, never deleted
 * @param revision the revision that is served now
 * @param historyLost whether older revisions and audit lines are only in the files set aside
 */
public record StoreRecovery(
        Fault fault,
        String detail,
        Source source,
        Optional<Path> sourceFile,
        List<Path> movedAside,
        long revision,
        boolean historyLost) {

    public StoreRecovery {
        movedAside = List.copyOf(movedAside);
    }

    /** What was wrong. */
    public enum Fault {
        MISSING,
        EMPTY,
        NOT_A_STORE,
        CORRUPT,
        NEWER_FORMAT,
        /** Sound, but older than the snapshot beside it: its write-ahead log was lost. */
        BEHIND
    }

    /** Where the configuration came from. */
    public enum Source {
        /** Read whole, and with a matching hash, from the damaged store itself: nothing acknowledged was lost. */
        SALVAGED,
        /** The last good exported snapshot. */
        SNAPSHOT
    }

    /** The whole story in one paragraph. */
    public String text() {
        StringBuilder text =
                new StringBuilder("STORE RECOVERED: ").append(detail).append(" Serving revision ");
        text.append(revision);
        text.append(
                switch (source) {
                    case SALVAGED -> ", read whole from the damaged store.";
                    case SNAPSHOT -> ", from the last good snapshot";
                });
        sourceFile.ifPresent(file -> text.append(' ').append(file.getFileName()).append('.'));
        if (!movedAside.isEmpty()) {
            text.append(" Moved aside: ");
            text.append(String.join(
                    ", ",
                    movedAside.stream()
                            .map(file -> String.valueOf(file.getFileName()))
                            .toList()));
            text.append('.');
        }
        if (historyLost) {
            text.append(" Older revisions and audit lines are only in the files moved aside; keep them.");
        }
        return text.toString();
    }
}
