package io.penstock.upstream;

import io.penstock.mark.WorkerConfined;
import io.penstock.transport.Loop;
import io.penstock.transport.Timer;

/**
 * The one timer of a connection, for every phase of it.
 *
 * <p>It is armed no later than the nearest time at which a phase that begins from now on could end, and looks at what is
 * really due when it rings. Phases follow each other without touching the wheel: a kept connection costs one ring every few
 * seconds and nothing per request.
 */
@WorkerConfined
final class Http1Clock extends Timer {
    /** How long a closed connection may take to send what is pending, in nanoseconds; then it is aborted. */
    static final long LINGER_NS = 2_000_000_000L;

    /** Nothing is due: the endpoint is not the one to make progress. */
    static final long NEVER = Long.MAX_VALUE;

    private final Http1UpstreamConnection connection;
    private final Loop loop;
    private UpstreamSpec.Timeouts timeouts = new UpstreamSpec.Timeouts(0, 0, 0);
    private long armedForNs = NEVER;
    private long idleUntilNs;
    private long lingerUntilNs;

    // Of the present exchange.
    private long requestSentNs;
    private long answerProgressNs;
    private long headBeganNs;
    private long drainProgressNs;
    private long drainedBytes;
    private boolean wasPending;

    Http1Clock(Http1UpstreamConnection connection, Loop loop) {
        this.connection = connection;
        this.loop = loop;
    }

    long nowNs() {
        return loop.nowNs();
    }

    // ---- events

    void streamBegan(UpstreamSpec.Timeouts of) {
        timeouts = of;
        long nowNs = loop.nowNs();
        requestSentNs = nowNs;
        answerProgressNs = nowNs;
        drainProgressNs = nowNs;
        drainedBytes = 0;
        wasPending = false;
        ringBy(nowNs + Math.min(of.firstByteNs(), of.idleNs()));
    }

    void requestSent(boolean isComplete) {
        requestSentNs = loop.nowNs();
        if (!isComplete) {
            ringBy(requestSentNs + drainCheckNs());
        }
    }

    /** Bytes of the answer came, or are wanted again. */
    void answerProgressed() {
        answerProgressNs = loop.nowNs();
    }

    void headBegan() {
        headBeganNs = loop.nowNs();
    }

    void becameIdle(long idleTimeoutNs, long expiresNs) {
        idleUntilNs = Math.min(loop.nowNs() + idleTimeoutNs, expiresNs);
        ringBy(idleUntilNs);
    }

    void lingers() {
        lingerUntilNs = loop.nowNs() + LINGER_NS;
        ringBy(lingerUntilNs);
    }

    void stop() {
        loop.wheel().disarm(this);
        armedForNs = NEVER;
    }

    /** How long ago the last of the request was sent. */
    long sinceRequestNs() {
        return Math.max(0, loop.nowNs() - requestSentNs);
    }

    // ---- what is due

    boolean isIdleUsableAt(long nowNs) {
        return nowNs < idleUntilNs;
    }

    long idleUntilNs() {
        return idleUntilNs;
    }

    long lingerUntilNs() {
        return lingerUntilNs;
    }

    /** When the answer's first byte must be there, once the endpoint has what it needs for it. */
    long firstByteDueNs() {
        return Math.max(Math.max(requestSentNs, drainProgressNs), answerProgressNs) + timeouts.firstByteNs();
    }

    /** When a head that has begun must be complete: its bytes do not put it off, so that it cannot trickle. */
    long headDueNs() {
        return headBeganNs + timeouts.idleNs();
    }

    /** When the next byte of the answer must be there. */
    long answerDueNs() {
        return answerProgressNs + timeouts.idleNs();
    }

    /** When the endpoint must have taken more of what is pending. */
    long drainDueNs() {
        return Math.max(requestSentNs, drainProgressNs) + timeouts.idleNs();
    }

    /**
     * Notes how much the endpoint has taken. Only a look that finds bytes still pending makes the next one a sign of
     * progress: what left within one turn did so when it was sent.
     */
    void lookAtDrain(long sentBytes, int pendingBytes, long nowNs) {
        long drained = sentBytes - pendingBytes;
        if (wasPending && drained != drainedBytes) {
            drainProgressNs = nowNs;
        }
        drainedBytes = drained;
        wasPending = pendingBytes > 0;
    }

    /** Rings for what is due, and before for the next look. */
    void ringAgain(long dueNs, boolean looksAtDrain, long nowNs) {
        long lookNs = nowNs + Math.min(timeouts.firstByteNs(), timeouts.idleNs());
        if (looksAtDrain) {
            lookNs = nowNs + drainCheckNs();
        }
        ringBy(Math.min(dueNs, lookNs));
    }

    void ringBy(long timeNs) {
        if (timeNs < armedForNs) {
            armedForNs = timeNs;
            loop.wheel().arm(this, timeNs);
        }
    }

    @Override
    protected void expired(long nowNs) {
        armedForNs = NEVER;
        connection.clockRang(nowNs);
    }

    // Four looks within one timeout: a drain that stops is found at most a quarter of it late.
    private long drainCheckNs() {
        return Math.max(1, timeouts.idleNs() / 4);
    }
}
