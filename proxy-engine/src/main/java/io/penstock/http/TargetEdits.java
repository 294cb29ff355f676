package io.penstock.http;

import io.penstock.mark.WorkerConfined;
import io.penstock.metrics.Reason;

/**
 * Path, query and host of one request's head: brought into their canonical form when they are read, and again after each
 * change. What is not acceptable changes nothing.
 */
@WorkerConfined
final class TargetEdits {
    private final RequestHead head;
    private final ByteBuilder region;
    private final CanonicalPath canonical = new CanonicalPath();
    private final Authority authorityRules = new Authority();
    private final ByteBuilder scratch = new ByteBuilder(256);

    TargetEdits(RequestHead head, ByteBuilder region) {
        this.head = head;
        this.region = region;
    }

    /** Gives unusually large memory back. */
    void clear() {
        scratch.clear();
    }

    // ---- as received ----

    /** Finishes the parser's work on path and query. */
    boolean takePath(int offset, int length, Refusal refusal) {
        if (!canonical.read(region.array(), offset, length)) {
            return refusal.refuse(Reason.BAD_PATH, canonical.problem());
        }
        settlePath(offset);
        return true;
    }

    // The canonical bytes take the place of those that were read, unless these are canonical themselves.
    private void settlePath(int offset) {
        head.pathOffset = offset;
        head.pathLength = canonical.length();
        head.hasEncodedSlash = canonical.hasEncodedSlash();
        if (!canonical.isUnchanged()) {
            head.pathOffset = region.length();
            region.append(canonical.bytes(), 0, canonical.length());
        }
    }

    /** Notes the host that the client named, whose grammar {@code rules} have just read. */
    void takeAuthority(Authority rules, int offset, int length) {
        head.authorityOffset = head.receivedAuthorityOffset = offset;
        head.authorityLength = head.receivedAuthorityLength = length;
        head.hostOffset = offset;
        head.hostLength = rules.hostLength();
        head.port = rules.port();
        if (rules.hasUpperCase()) {
            head.hostOffset = region.length();
            region.append(region.array(), offset, head.hostLength);
            byte[] bytes = region.array();
            for (int i = head.hostOffset; i < head.hostOffset + head.hostLength; i++) {
                bytes[i] = Octets.lower(bytes[i]);
            }
        }
    }

    // ---- changed ----

    boolean path(String path) {
        if (!Octets.isVisible(path)) {
            return false;
        }
        scratch.clear();
        scratch.append(path);
        return path(scratch.array(), 0, path.length());
    }

    boolean path(byte[] source, int offset, int length) {
        int mark = region.length();
        region.append(source, offset, length);
        if (!canonical.read(region.array(), mark, length)) {
            region.length(mark);
            return false;
        }
        settlePath(mark);
        return true;
    }

    boolean query(String query) {
        if (!Octets.isVisible(query) || query.indexOf('#') >= 0) {
            return false;
        }
        head.queryOffset = region.length();
        head.queryLength = query.length();
        head.hasQuery = !query.isEmpty();
        region.append(query);
        return true;
    }

    boolean authority(String authority) {
        int mark = region.length();
        if (!Octets.isVisible(authority)) {
            return false;
        }
        region.append(authority);
        if (!authorityRules.read(region.array(), mark, authority.length())) {
            region.length(mark);
            return false;
        }
        head.authorityOffset = mark;
        head.authorityLength = authority.length();
        return true;
    }
}
