package io.penstock.admin.store;

import java.time.Instant;
import java.util.Optional;

/**
 * Which lines of the audit log, newest first.
 *
 * @param actor exactly this actor
 * @param action this action, or all below it: {@code token} finds {@code token.issue}
 * @param target targets that begin with this
 * @param revision lines of this revision
 * @param since not older than this
 * @param until older than this
 * @param cursor the {@code nextCursor} of the page before
 * @param limit at least 1; more than 1000 is taken as 1000
 */
public record AuditQuery(
        Optional<String> actor,
        Optional<String> action,
        Optional<String> target,
        Optional<Long> revision,
        Optional<Instant> since,
        Optional<Instant> until,
        Optional<String> cursor,
        int limit) {

    /** The newest lines, unfiltered. */
    public static AuditQuery newest(int limit) {
        return new AuditQuery(
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                limit);
    }
}
