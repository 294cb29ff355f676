package io.penstock.exchange;

import io.penstock.config.StickyBy;
import io.penstock.http.Cookies;
import io.penstock.http.Fields;
import io.penstock.limit.KeyHash;
import io.penstock.mark.WorkerConfined;
import io.penstock.snapshot.BackendSplit;
import io.penstock.snapshot.RouteRuntime;
import io.penstock.spi.Identity;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Chooses between the services that share a route: by condition, by the cookie of an earlier choice, by the hash of a key, or
 * by turn. Each worker takes turns of its own; everything else comes out the same on all workers, gateways and revisions.
 */
@WorkerConfined
public final class BackendChoice {
    /** What decided. */
    enum By {
        /** The request meets a backend's conditions. */
        CONDITION("the request meets its conditions"),
        /** The request has the cookie of an earlier choice. */
        COOKIE("the request has its cookie"),
        /** The request has the key that keeps callers where they are. */
        KEY("the request's key falls to it"),
        /** The same, and what keeps callers is who they are. */
        CALLER("the caller's name falls to it"),
        /** A sample, which nobody sends, where it matters who does. */
        NOBODY("by weight, the likeliest; a caller that auth identifies falls to one of them by its name, and stays"),
        /** Nothing but the weights. */
        TURN("by weight, as the next in turn");

        private final String text;

        By(String text) {
            this.text = text;
        }

        String text() {
            return text;
        }
    }

    // No length is negative, and a value is hashed behind its length.
    private static final long BY_CONSUMER = -1;
    private static final long BY_SUBJECT = -2;

    // The same everywhere, so that a caller meets the same backend at every gateway. Who knows it can at most find out
    // which
    // backend a key of his own has.
    private final KeyHash hash = new KeyHash(0x73706c69742d6b65L, 0x792d62792d686173L);
    private final Cookies cookies = new Cookies();
    private int[] turns = {};
    private By by = By.TURN;

    /**
     * The way of a request through its route.
     *
     * @param who calls, null as long as nobody found out
     */
    RouteRuntime choose(
            RouteRuntime route, BackendSplit split, Fields fields, byte[] clientAddress, @Nullable Identity who) {
        int fixed = unturned(split, fields, clientAddress, who);
        return split.way(fixed >= 0 ? fixed : split.byTurn(turn(route.id(), split.cycle())));
    }

    // -1 if only the turn decides.
    private int unturned(BackendSplit split, Fields fields, byte[] clientAddress, @Nullable Identity who) {
        by = By.CONDITION;
        int way = split.byCondition(fields, cookies);
        StickyBy sticky = split.sticky();
        if (way < 0 && sticky != null) {
            if (sticky.kind() == StickyBy.Kind.OWN_COOKIE) {
                by = By.COOKIE;
                way = split.byCookie(fields, cookies);
            } else if (sticky.kind() == StickyBy.Kind.CONSUMER) {
                if (takeCaller(who)) {
                    by = By.CALLER;
                    way = split.byKey(hash.finish().high());
                }
            } else if (takeKey(split, sticky, fields, clientAddress)) {
                by = By.KEY;
                way = split.byKey(hash.finish().high());
            }
        }
        if (way < 0) {
            by = By.TURN;
        }
        return way;
    }

    private boolean takeKey(BackendSplit split, StickyBy sticky, Fields fields, byte[] clientAddress) {
        hash.begin();
        switch (sticky.kind()) {
            case CLIENT_ADDRESS -> hash.add(clientAddress, 0, clientAddress.length);
            case HEADER -> {
                int at = fields.find(sticky.name());
                if (at < 0) {
                    return false;
                }
                hash.add(fields.bytes(), fields.valueOffset(at), fields.valueLength(at));
            }
            case COOKIE -> {
                if (!cookies.find(fields, split.keyCookie())) {
                    return false;
                }
                hash.add(fields.bytes(), cookies.offset(), cookies.length());
            }
            case OWN_COOKIE, CONSUMER -> {
                return false;
            }
        }
        return true;
    }

    // A subject that only a filter knows must not meet the consumer of that name.
    private boolean takeCaller(@Nullable Identity who) {
        if (who == null || who.subject().isEmpty()) {
            return false;
        }
        String consumer = who.consumer();
        hash.begin().add(consumer == null ? BY_SUBJECT : BY_CONSUMER).add(consumer == null ? who.subject() : consumer);
        return true;
    }

    private int turn(int routeId, long cycle) {
        if (routeId >= turns.length) {
            turns = Arrays.copyOf(turns, Math.max(routeId + 1, turns.length * 2));
        }
        int turn = turns[routeId];
        // Weights may have changed since: a turn beyond the cycle begins the next.
        if (turn >= cycle) {
            turn = 0;
        }
        turns[routeId] = turn + 1;
        return turn;
    }

    /** The way that nothing but weights would not decide otherwise, for a sample; the likeliest where they decide. */
    int sample(BackendSplit split, Fields fields, byte[] clientAddress) {
        int way = unturned(split, fields, clientAddress, null);
        if (way >= 0) {
            return way;
        }
        by = split.isByCaller() ? By.NOBODY : By.TURN;
        int likeliest = 0;
        for (int i = 1; i < split.size(); i++) {
            if (split.share(i) > split.share(likeliest)) {
                likeliest = i;
            }
        }
        return likeliest;
    }

    /** What decided last. */
    By by() {
        return by;
    }
}
