package io.penstock.admin.store;

import java.time.Instant;
import java.util.Optional;

/**
 * The line of one revision in a list.
 *
 * @param contentHash of everything the revision holds, in hex: equal contents have equal hashes
 * @param chainHash of this revision and, through its predecessor's, of all before it, in hex
 */
public record RevisionSummary(
        long number,
        Instant timestamp,
        String actor,
        Optional<String> note,
        String cause,
        int changeCount,
        String contentHash,
        String chainHash) {}
