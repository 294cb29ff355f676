package io.penstock.admin.store;

import java.util.List;

/**
 * The hash of one link of the two chains: SHA-256 over the previous link's hash and every field of this one, each with
 * its length before it.
 */
final class Chains {

    private Chains() {}

    /** @param revision its own {@code chainHash} is not read */
    static String revisionHash(String previousHash, RevisionSummary revision, List<ResourceChange> changes) {
        FramedDigest digest = new FramedDigest()
                .add(previousHash)
                .add(revision.number())
                .add(revision.timestamp().toEpochMilli())
                .add(revision.actor())
                .add(revision.note())
                .add(revision.cause())
                .add(changes.size());
        for (ResourceChange change : changes) {
            digest.add(change.key().type())
                    .add(change.key().name())
                    .add(change.before())
                    .add(change.after());
        }
        return digest.add(revision.contentHash()).finishHex();
    }

    static String auditHash(String previousHash, long number, AuditEvent event) {
        return new FramedDigest()
                .add(previousHash)
                .add(number)
                .add(event.timestamp().toEpochMilli())
                .add(event.actor())
                .add(event.source())
                .add(event.action())
                .add(event.target())
                .add(event.outcome().text())
                .add(event.revision().map(String::valueOf))
                .add(event.note())
                .add(event.detail())
                .add(event.changes())
                .finishHex();
    }
}
