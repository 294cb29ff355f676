package io.penstock.snapshot;

import io.penstock.config.BackendConfig;
import io.penstock.config.RouteWay;
import io.penstock.config.StickyBy;
import io.penstock.http.Cookies;
import io.penstock.http.Fields;
import io.penstock.limit.KeyHash;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The services that share a route, compiled: each with a runtime of its own, so that the members of its levels hold.
 *
 * <p>Who has nothing to be kept by takes turns. The turns visit each unit of weight once in a cycle as long as the sum of the
 * weights, in steps near the golden section of it, which spread every share evenly over the cycle.
 *
 * <p>Who has a key is kept by it without any memory: by weighted rendezvous hashing (Schindelhauer and Schomaker, "Weighted
 * Distributed Hash Tables", 2005; the logarithmic method). A backend's score depends on the key and its own weight alone, so
 * a greater weight of one backend brings others' callers to it and sends none of its own away.
 */
public final class BackendSplit {
    private static final double GOLDEN_SECTION = 0.6180339887498949;
    private static final BackendCondition[] NONE = {};
    private static final HexFormat HEX = HexFormat.of();

    private final RouteRuntime[] ways;
    private final long[] weights;
    private final long[] salts;
    private final byte[][] tokens;
    private final boolean[] keepsCookie;
    private final BackendCondition[][] conditions;
    private final long cycle;
    private final long stride;
    private final @Nullable StickyBy sticky;
    private final byte[] cookieName;
    private final byte[] keyCookie;

    /** @param compiled the runtimes of {@code served}, in its order */
    BackendSplit(String route, List<RouteWay> served, List<RouteRuntime> compiled) {
        int count = served.size();
        ways = compiled.toArray(new RouteRuntime[0]);
        weights = new long[count];
        salts = new long[count];
        tokens = new byte[count][];
        keepsCookie = new boolean[count];
        conditions = new BackendCondition[count][];
        StickyBy by = null;
        long divisor = 0;
        for (int i = 0; i < count; i++) {
            BackendConfig backend = served.get(i).backend().orElseThrow();
            weights[i] = served.get(i).weight();
            divisor = greatestDivisor(divisor, weights[i]);
            salts[i] = KeyHash.ofName(route + "/" + served.get(i).identity());
            tokens[i] = token(route, served.get(i).identity()).getBytes(StandardCharsets.US_ASCII);
            by = backend.sticky().orElse(by);
            conditions[i] = backend.when().map(BackendCondition::of).orElse(NONE);
            keepsCookie[i] = backend.sticky().equals(Optional.of(StickyBy.COOKIE))
                    && (weights[i] > 0 || conditions[i].length > 0);
        }
        long sum = 0;
        for (int i = 0; i < count; i++) {
            weights[i] /= divisor;
            sum += weights[i];
        }
        cycle = sum;
        stride = stride(sum);
        sticky = by;
        keyCookie = by == null ? new byte[0] : by.name().getBytes(StandardCharsets.US_ASCII);
        cookieName = cookieName(route).getBytes(StandardCharsets.US_ASCII);
    }

    /** The name of the cookie by which callers of a route are kept. */
    static String cookieName(String route) {
        return "penstock-" + route;
    }

    /** What that cookie says of a backend: the same in every revision and process. */
    static String token(String route, String identity) {
        return HEX.toHexDigits(KeyHash.ofName("cookie/" + route + "/" + identity));
    }

    private static long greatestDivisor(long a, long b) {
        return b == 0 ? a : greatestDivisor(b, a % b);
    }

    private static long stride(long cycle) {
        long stride = Math.max(1, (long) (cycle * GOLDEN_SECTION));
        while (greatestDivisor(cycle, stride) != 1) {
            stride++;
        }
        return stride;
    }

    /** How many backends there are. */
    public int size() {
        return ways.length;
    }

    /** What holds for requests that a backend takes. */
    public RouteRuntime way(int index) {
        return ways[index];
    }

    /** A backend's part of the requests that nothing else decides. */
    public double share(int index) {
        return (double) weights[index] / cycle;
    }

    /** By what callers are kept; null if they are not. */
    public @Nullable StickyBy sticky() {
        return sticky;
    }

    /** Whether a backend is chosen only when it is known who calls. */
    public boolean isByCaller() {
        return sticky != null && sticky.kind() == StickyBy.Kind.CONSUMER;
    }

    /** The name of the application's cookie by which callers are kept; not to be written to. */
    public byte[] keyCookie() {
        return keyCookie;
    }

    /** Requests until every share has been given exactly. */
    public long cycle() {
        return cycle;
    }

    /** The first backend whose conditions a request meets, or -1. */
    public int byCondition(Fields fields, Cookies cookies) {
        for (int i = 0; i < ways.length; i++) {
            if (conditions[i].length > 0 && holds(conditions[i], fields, cookies)) {
                return i;
            }
        }
        return -1;
    }

    private static boolean holds(BackendCondition[] all, Fields fields, Cookies cookies) {
        for (BackendCondition each : all) {
            if (!each.holds(fields, cookies)) {
                return false;
            }
        }
        return true;
    }

    /** The backend that the gateway's own cookie names, or -1; one that takes nobody new any more keeps nobody. */
    public int byCookie(Fields fields, Cookies cookies) {
        if (cookies.find(fields, cookieName)) {
            for (int i = 0; i < ways.length; i++) {
                if (keepsCookie[i] && cookies.valueIs(fields.bytes(), tokens[i])) {
                    return i;
                }
            }
        }
        return -1;
    }

    /** The backend of a key's hash. */
    public int byKey(long hash) {
        int best = 0;
        double least = Double.POSITIVE_INFINITY;
        for (int i = 0; i < ways.length; i++) {
            if (weights[i] > 0) {
                double score = -Math.log(unit(hash ^ salts[i])) / weights[i];
                if (score < least) {
                    least = score;
                    best = i;
                }
            }
        }
        return best;
    }

    // Between 0 and 1, both excluded: the mixer of SplitMix64 (Steele, Lea and Flood, 2014), then the upper 53 bits.
    private static double unit(long bits) {
        long mixed = (bits ^ bits >>> 30) * 0xbf58476d1ce4e5b9L;
        mixed = (mixed ^ mixed >>> 27) * 0x94d049bb133111ebL;
        mixed ^= mixed >>> 31;
        return ((mixed >>> 11) + 0.5) * 0x1.0p-53;
    }

    /** The backend of a turn, from 0 to {@link #cycle()} - 1. */
    public int byTurn(long turn) {
        long unit = turn * stride % cycle;
        int at = 0;
        while (unit >= weights[at]) {
            unit -= weights[at++];
        }
        return at;
    }
}
