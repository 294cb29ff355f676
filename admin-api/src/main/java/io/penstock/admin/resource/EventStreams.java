package io.penstock.admin.resource;

import io.penstock.admin.access.AccessControl;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Server-sent events (WHATWG HTML section 9.2): a bounded number of readers, each on a virtual thread of its own, which
 * looks for news and is held up by nobody but its reader. A stream ends with its reader, its token, the process, or after an
 * hour; who still wants it connects again.
 */
final class EventStreams implements AutoCloseable {
    static final String TYPE = "text/event-stream";

    /** Readers of all streams together. */
    static final int STREAMS_MAX = 64;

    private static final Duration POLL = Duration.ofMillis(100);
    private static final Duration HEARTBEAT = Duration.ofSeconds(15);
    private static final Duration TOKEN_CHECK = Duration.ofSeconds(1);

    /** The reader connects again on its own; a bound frees what nobody closes. */
    private static final Duration LIFE_MAX = Duration.ofHours(1);

    private final AccessControl access;
    private final Semaphore streams = new Semaphore(STREAMS_MAX);
    private volatile boolean closing;

    EventStreams(AccessControl access) {
        this.access = access;
    }

    /** What there is to tell. */
    @FunctionalInterface
    interface Feed {
        /**
         * Events that are due, in the format of the wire; empty if there are none. Asked again and again, at once after it
         * had some.
         *
         * @param nowNs of the monotonic clock
         */
        String next(long nowNs);
    }

    /** A stream of a feed; a problem if there are too many. */
    ApiReply open(ApiRequest request, Feed feed) {
        if (!streams.tryAcquire()) {
            throw ApiProblem.of(503, "too-many-streams", "At most " + STREAMS_MAX + " event streams are open at once")
                    .header("Retry-After", "5");
        }
        String tokenId = request.principal().tokenId();
        return ApiReply.stream(TYPE, out -> {
                    try {
                        stream(out, feed, tokenId);
                    } finally {
                        streams.release();
                    }
                })
                .with("Cache-Control", "no-store");
    }

    /** Ends every stream within a moment. */
    @Override
    public void close() {
        closing = true;
    }

    private void stream(OutputStream out, Feed feed, String tokenId) throws IOException {
        long start = System.nanoTime();
        long lastSentNs = start;
        long lastCheckNs = start;
        send(out, "retry: 1000\n\n");
        while (!closing) {
            long nowNs = System.nanoTime();
            if (nowNs - lastCheckNs > TOKEN_CHECK.toNanos()) {
                lastCheckNs = nowNs;
                if (nowNs - start > LIFE_MAX.toNanos() || !access.isActive(tokenId)) {
                    return;
                }
            }
            String events = feed.next(nowNs);
            if (!events.isEmpty()) {
                send(out, events);
                lastSentNs = nowNs;
                continue;
            }
            if (nowNs - lastSentNs > HEARTBEAT.toNanos()) {
                // A comment: it tells both sides that the other is still there.
                send(out, ": \n\n");
                lastSentNs = nowNs;
            }
            try {
                TimeUnit.NANOSECONDS.sleep(POLL.toNanos());
            } catch (InterruptedException stopping) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    private static void send(OutputStream out, String text) throws IOException {
        out.write(text.getBytes(StandardCharsets.UTF_8));
        out.flush();
    }
}
