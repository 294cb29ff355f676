package io.penstock.http;

import io.penstock.http.RequestHead.TargetForm;
import io.penstock.mark.WorkerConfined;
import io.penstock.metrics.Reason;

/**
 * The request target in its four forms (RFC 9112 section 3.2) and Host beside it, which must agree.
 * The target is taken apart when its line is read; path and host become canonical when the head is complete.
 */
@WorkerConfined
final class TargetRules {
    private static final String HTTP = "http://";
    private static final String HTTPS = "https://";

    private final Refusal refusal;
    private final Authority ofTarget = new Authority();
    private final Authority ofHost = new Authority();
    private int authorityOffset;
    private int authorityLength;
    private int defaultPort;

    TargetRules(Refusal refusal) {
        this.refusal = refusal;
    }

    /** Takes the target apart: form, raw path, query, authority. */
    boolean readTarget(RequestHead head) {
        byte[] bytes = head.bytes();
        int offset = head.targetOffset;
        int end = offset + head.targetLength;
        defaultPort = 80;
        if (bytes[offset] == '/' && head.method != Method.CONNECT) {
            head.form = TargetForm.ORIGIN;
            return splitQuery(head, offset, end);
        }
        if (head.method == Method.CONNECT) {
            head.form = TargetForm.AUTHORITY;
            return takeAuthority(bytes, offset, head.targetLength) && hasPort();
        }
        if (head.targetLength == 1 && bytes[offset] == '*') {
            head.form = TargetForm.ASTERISK;
            head.pathOffset = offset;
            head.pathLength = 1;
            return head.method == Method.OPTIONS
                    || refusal.refuse(Reason.BAD_REQUEST_LINE, "The target \"*\" is for OPTIONS alone.");
        }
        return readAbsolute(head, bytes, offset, end);
    }

    private boolean readAbsolute(RequestHead head, byte[] bytes, int offset, int end) {
        head.form = TargetForm.ABSOLUTE;
        int start;
        if (Octets.startsWithIgnoreCase(bytes, offset, end - offset, HTTP)) {
            start = offset + HTTP.length();
        } else if (Octets.startsWithIgnoreCase(bytes, offset, end - offset, HTTPS)) {
            start = offset + HTTPS.length();
            defaultPort = 443;
        } else {
            return refusal.refuse(
                    Reason.BAD_REQUEST_LINE,
                    "The target is neither a path nor an http or https URI: "
                            + Octets.quoted(bytes, offset, end - offset) + ".");
        }
        int authorityEnd = start;
        while (authorityEnd < end && "/?#".indexOf(bytes[authorityEnd]) < 0) {
            authorityEnd++;
        }
        return takeAuthority(bytes, start, authorityEnd - start) && splitQuery(head, authorityEnd, end);
    }

    private boolean takeAuthority(byte[] bytes, int offset, int length) {
        authorityOffset = offset;
        authorityLength = length;
        return ofTarget.read(bytes, offset, length)
                || refusal.refuse(Reason.BAD_HOST, "The target's authority " + ofTarget.problem());
    }

    private boolean hasPort() {
        return ofTarget.port() > 0
                || refusal.refuse(Reason.BAD_REQUEST_LINE, "The target of CONNECT is not host:port.");
    }

    private boolean splitQuery(RequestHead head, int pathStart, int end) {
        int mark = Octets.indexOf(head.bytes(), pathStart, end, (byte) '?');
        head.pathOffset = pathStart;
        head.pathLength = mark - pathStart;
        head.hasQuery = mark < end;
        head.queryOffset = Math.min(mark + 1, end);
        head.queryLength = end - head.queryOffset;
        // One in the path is found when the path becomes canonical.
        return !head.hasQuery
                || Octets.indexOf(head.bytes(), mark, end, (byte) '#') == end
                || refusal.refuse(Reason.BAD_PATH, "The query holds a raw '#'.");
    }

    /** Judges the grammar of a Host value. */
    boolean readHost(byte[] bytes, int offset, int length) {
        return ofHost.read(bytes, offset, length) || refusal.refuse(Reason.BAD_HOST, "Host " + ofHost.problem());
    }

    /**
     * Makes path and host canonical and compares Host with the target's authority.
     *
     * @param hostLength -1 if there is no Host
     */
    boolean finish(RequestHead head, int hostOffset, int hostLength) {
        if (hostLength < 0 && head.minorVersion > 0) {
            return refusal.refuse(Reason.BAD_HOST, "Host is missing, which HTTP/1.1 requires.");
        }
        boolean hasAuthority = head.form == TargetForm.ABSOLUTE || head.form == TargetForm.AUTHORITY;
        if (hasAuthority && hostLength >= 0 && !agree(head, hostOffset)) {
            return refusal.refuse(Reason.BAD_HOST, "Host differs from the target's authority.");
        }
        if (hostLength >= 0 && head.form != TargetForm.AUTHORITY) {
            head.takeAuthority(ofHost, hostOffset, hostLength);
        } else if (hasAuthority) {
            head.takeAuthority(ofTarget, authorityOffset, authorityLength);
        }
        return switch (head.form) {
            case ORIGIN -> head.takePath(head.pathOffset, head.pathLength, refusal);
            case ABSOLUTE -> finishAbsolute(head);
            case AUTHORITY, ASTERISK -> true;
        };
    }

    private boolean finishAbsolute(RequestHead head) {
        if (head.pathLength > 0) {
            return head.takePath(head.pathOffset, head.pathLength, refusal);
        }
        // RFC 9112 section 3.2.4: OPTIONS of a URI with neither path nor query means the server as a whole.
        boolean isServer = head.method == Method.OPTIONS && !head.hasQuery;
        head.pathOffset = head.region().length();
        head.pathLength = 1;
        head.region().append(isServer ? (byte) '*' : (byte) '/');
        return true;
    }

    private boolean agree(RequestHead head, int hostOffset) {
        int length = ofTarget.hostLength();
        if (length != ofHost.hostLength()) {
            return false;
        }
        byte[] bytes = head.bytes();
        for (int i = 0; i < length; i++) {
            if (Octets.lower(bytes[authorityOffset + i]) != Octets.lower(bytes[hostOffset + i])) {
                return false;
            }
        }
        if (head.form == TargetForm.AUTHORITY) {
            return ofHost.port() < 0 || ofHost.port() == ofTarget.port();
        }
        return portOf(ofHost) == portOf(ofTarget);
    }

    private int portOf(Authority authority) {
        return authority.port() < 0 ? defaultPort : authority.port();
    }
}
