package io.penstock.filter;

import io.penstock.mark.WorkerConfined;
import io.penstock.spi.Identity;
import io.penstock.spi.Verdict;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What one worker knows of tokens that a server was asked about, by digests under a key of this process. Tokens that count
 * and those that do not are kept apart, so that nobody drives the ones out by inventing the others.
 */
@WorkerConfined
final class TokenCache {
    /** Stands for a token. */
    record Digest(long high, long low) {}

    /**
     * What is known of a token; one of identity and refusal is there.
     *
     * @param identity who bears it
     * @param refusal why it does not count here
     * @param freshUntilMs until when nobody needs to be asked
     * @param usableUntilMs until when it counts if nobody can be asked
     */
    record Known(
            @Nullable Identity identity, Verdict.@Nullable Failed refusal, long freshUntilMs, long usableUntilMs) {}

    private final Map<Digest, Known> good;
    private final Map<Digest, Known> bad;

    TokenCache(int max) {
        good = bounded(max);
        bad = bounded(max);
    }

    private static Map<Digest, Known> bounded(int max) {
        return new LinkedHashMap<>(16, 0.75f, true) {
            private static final long serialVersionUID = 1L;

            @Override
            protected boolean removeEldestEntry(Map.Entry<Digest, Known> eldest) {
                return size() > max;
            }
        };
    }

    @Nullable
    Known find(Digest token) {
        Known known = good.get(token);
        return known == null ? bad.get(token) : known;
    }

    void put(Digest token, Known known) {
        if (known.identity() != null) {
            bad.remove(token);
            good.put(token, known);
        } else {
            good.remove(token);
            bad.put(token, known);
        }
    }

    int size() {
        return good.size() + bad.size();
    }
}
