package io.penstock.http;

import io.penstock.mark.WorkerConfined;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What the exchange decides about a request on its way to the upstream, beside what the head says: who sent it, what is
 * believed of what it claims, and which id it bears. Filled anew for each request; nothing is copied, so the arrays
 * given here stay as they are until the head is written.
 */
@WorkerConfined
public final class Forwarding {
    private static final byte[] NONE = new byte[ByteBuilder.SLACK];

    byte[] peer = NONE;
    int peerLength;
    byte[] requestId = NONE;
    int requestIdOffset;
    int requestIdLength;

    @Nullable
    LoopMark loopMark;

    boolean isPeerTrusted;
    boolean isSecure;
    boolean isUpgrade;
    boolean hasVia;
    boolean isOwn;
    boolean hasForwarded;
    boolean expectsContinue;

    Forwarding() {}

    void clear() {
        isOwn = false;
        loopMark = null;
        if (requestIdLength + peerLength > 0) {
            peer = requestId = NONE;
        }
        peerLength = requestIdOffset = requestIdLength = 0;
        isPeerTrusted = isSecure = isUpgrade = hasVia = hasForwarded = expectsContinue = false;
    }

    /** Takes what another says, with copies of its arrays; neither an upgrade nor an expectation, which only one can have. */
    void copyFrom(Forwarding other) {
        peer = Arrays.copyOf(other.peer, other.peer.length);
        peerLength = other.peerLength;
        requestId = Arrays.copyOf(other.requestId, other.requestId.length);
        requestIdOffset = other.requestIdOffset;
        requestIdLength = other.requestIdLength;
        loopMark = other.loopMark;
        isPeerTrusted = other.isPeerTrusted;
        isSecure = other.isSecure;
        hasVia = other.hasVia;
        isOwn = other.isOwn;
        hasForwarded = other.hasForwarded;
    }

    /** The peer's address as text, for X-Forwarded-For; without it that field is not written. */
    public Forwarding peer(byte[] text, int length) {
        peer = text;
        peerLength = length;
        return this;
    }

    /** Whether nobody's request is passed on: nothing is said of a client then. Default no. */
    public Forwarding own(boolean isOurs) {
        isOwn = isOurs;
        return this;
    }

    /** Whether X-Forwarded-* and Forwarded of the peer are kept and appended to, rather than dropped. Default no. */
    public Forwarding peerTrusted(boolean isTrusted) {
        isPeerTrusted = isTrusted;
        return this;
    }

    /** Whether the client's connection was encrypted: X-Forwarded-Proto. Default no. */
    public Forwarding secure(boolean secure) {
        isSecure = secure;
        return this;
    }

    /** The request's id, for X-Request-Id; without it that field is not written. */
    public Forwarding requestId(byte[] bytes, int offset, int length) {
        requestId = bytes;
        requestIdOffset = offset;
        requestIdLength = length;
        return this;
    }

    /** Whose mark the request bears from here on; without it CDN-Loop is passed on as it came. */
    public Forwarding loopMark(LoopMark mark) {
        loopMark = mark;
        return this;
    }

    /** Whether the client's Upgrade is passed on. Default no. */
    public Forwarding upgrade(boolean isPassedOn) {
        isUpgrade = isPassedOn;
        return this;
    }

    /** Whether {@code Via: 1.1 penstock} is appended. Default no. */
    public Forwarding via(boolean isWritten) {
        hasVia = isWritten;
        return this;
    }

    /** Whether Forwarded (RFC 7239) is written beside X-Forwarded-*. Default no. */
    public Forwarding forwarded(boolean isWritten) {
        hasForwarded = isWritten;
        return this;
    }

    /** Whether the upstream is asked for a 100 before the body is sent. Default no. */
    public Forwarding expectContinue(boolean isAsked) {
        expectsContinue = isAsked;
        return this;
    }

    /** Whether the client's Upgrade is passed on. */
    public boolean isUpgrade() {
        return isUpgrade;
    }

    /** Whether the upstream is asked for a 100 before the body is sent. */
    public boolean isContinueExpected() {
        return expectsContinue;
    }
}
