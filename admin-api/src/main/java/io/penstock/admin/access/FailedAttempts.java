package io.penstock.admin.access;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How often each source presented a token that was not recognised, and whether it must wait.
 *
 * <p>A bucket of {@link #BURST} per source, one more every {@link #REFILL_NS}: generic cell rate algorithm, one number per
 * source. At most {@link #SOURCES_MAX} sources are remembered, the longest unused is forgotten first: a forgotten source
 * starts afresh, which a flood of made-up sources can reach only by connecting from as many addresses.
 *
 * <p>A source that presented a good token before may present that very token again at once, so that the failures of a
 * neighbour behind the same address lock nobody out.
 *
 * <p>Any thread; a short lock, never held over I/O.
 */
final class FailedAttempts {

    static final int BURST = 10;
    static final long REFILL_NS = Duration.ofSeconds(1).toNanos();
    static final int SOURCES_MAX = 4096;
    static final int PROVEN_MAX = 8;

    private static final long AUDIT_EVERY_NS = Duration.ofMinutes(1).toNanos();

    private final Map<String, Source> sources = new LinkedHashMap<>(64, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Source> eldest) {
            return size() > SOURCES_MAX;
        }
    };

    /** Nanoseconds that this source must wait before this token is even looked at; 0 if it need not. */
    synchronized long waitNs(String source, String digest, long nowNs) {
        Source known = sources.get(source);
        if (known == null || known.proven.contains(digest)) {
            return 0;
        }
        return Math.max(0, known.fullNs - nowNs - (BURST - 1) * REFILL_NS);
    }

    /**
     * Counts a failure.
     *
     * @return whether it should be audited: the first of a source, then at most one a minute
     */
    synchronized boolean failed(String source, long nowNs) {
        Source known = sources.computeIfAbsent(source, name -> new Source(nowNs));
        if (known.fullNs - nowNs < 0) {
            known.fullNs = nowNs;
        }
        known.fullNs += REFILL_NS;
        if (known.isAudited && nowNs - known.auditedNs < AUDIT_EVERY_NS) {
            return false;
        }
        known.isAudited = true;
        known.auditedNs = nowNs;
        return true;
    }

    synchronized void succeeded(String source, String digest, long nowNs) {
        Source known = sources.computeIfAbsent(source, name -> new Source(nowNs));
        if (!known.proven.contains(digest)) {
            known.proven.addLast(digest);
            if (known.proven.size() > PROVEN_MAX) {
                known.proven.removeFirst();
            }
        }
    }

    private static final class Source {
        // When the bucket is full again.
        private long fullNs;
        private long auditedNs;
        private boolean isAudited;
        private final Deque<String> proven = new ArrayDeque<>();

        Source(long nowNs) {
            this.fullNs = nowNs;
        }
    }
}
