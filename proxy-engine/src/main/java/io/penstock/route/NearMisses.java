package io.penstock.route;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Set;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * For a request without a route: routes under its host whose path is nearest, and routes for its path whose host is
 * nearest. Looks at a bounded number of records, so in a very large table it may miss a nearer one.
 */
final class NearMisses {
    /** Of each of the two kinds. */
    static final int LISTED_MAX = 5;

    private static final int LOOKED_AT_MAX = 100_000;

    /** A near miss; greater is nearer. */
    private record Miss(int host, int bucket, int rule, int nearness) {}

    private final RouteTable table;
    private final RouteQuery query;
    private final RouteLookup lookup;
    private final List<Integer> hosts;
    private final Set<Integer> buckets;
    private final String host;
    private final String path;
    private int budget;

    /**
     * @param hosts the hosts that cover the request's
     * @param buckets the buckets that the request's path has there
     */
    NearMisses(RouteTable table, RouteQuery query, RouteLookup lookup, List<Integer> hosts, Set<Integer> buckets) {
        this.table = table;
        this.query = query;
        this.lookup = lookup;
        this.hosts = hosts;
        this.buckets = buckets;
        this.host = text(query.hostOffset(), query.hostLength());
        this.path = text(query.pathOffset(), query.pathLength());
    }

    List<RouteCandidate> find() {
        List<RouteCandidate> misses = new ArrayList<>();
        for (Miss miss : byPath()) {
            misses.add(candidate(miss, reading(miss).pathMiss(query)));
        }
        for (Miss miss : byHost()) {
            misses.add(candidate(miss, reading(miss).hostMiss(query)));
        }
        return misses;
    }

    private List<Miss> byPath() {
        PriorityQueue<Miss> best = queue();
        budget = LOOKED_AT_MAX;
        for (int hostRef : hosts) {
            int paths = Pages.page(table.pages, hostRef).getInt(Pages.offset(hostRef) + Layout.HOST_PATHS);
            HashTrie.forEach(table.pages, paths, bucketRef -> {
                UnsafeBuffer page = Pages.page(table.pages, bucketRef);
                int bucket = Pages.offset(bucketRef);
                if (!buckets.contains(bucketRef) && page.getInt(bucket + Layout.BUCKET_RULES) > 0) {
                    String text = RuleReading.bucketText(page, bucket);
                    offer(best, hostRef, bucketRef, page.getInt(bucket + Layout.BUCKET_REFS), nearness(text, path));
                }
                return --budget > 0;
            });
        }
        return nearestFirst(best);
    }

    private List<Miss> byHost() {
        PriorityQueue<Miss> best = queue();
        budget = LOOKED_AT_MAX;
        String reversed = new StringBuilder(host).reverse().toString();
        HashTrie.forEach(table.pages, table.hostRoot, hostRef -> {
            if (!hosts.contains(hostRef)) {
                UnsafeBuffer page = Pages.page(table.pages, hostRef);
                HostPattern pattern = RuleReading.host(page, Pages.offset(hostRef));
                String text = new StringBuilder(pattern.text()).reverse().toString();
                offerFirstFit(best, hostRef, nearness(text, reversed));
            }
            return --budget > 0;
        });
        return nearestFirst(best);
    }

    // The first rule under another host that fits in all but the host.
    private void offerFirstFit(PriorityQueue<Miss> best, int hostRef, int nearness) {
        UnsafeBuffer page = Pages.page(table.pages, hostRef);
        int at = Pages.offset(hostRef);
        int paths = page.getInt(at + Layout.HOST_PATHS);
        int count = Layout.u16(page, at + Layout.HOST_SHAPE_COUNT);
        for (int i = 0; i < count; i++) {
            int shape = at + Layout.HOST_SHAPES + i * Layout.SHAPE_BYTES;
            int kind = page.getByte(shape + Layout.SHAPE_KIND);
            int fixed = page.getByte(shape + Layout.SHAPE_FIXED);
            int bucket = PathShape.fits(kind, fixed, lookup.path().segments)
                    ? lookup.findBucket(table, paths, kind, fixed, page.getLong(shape))
                    : 0;
            int rule = bucket == 0 ? 0 : firstFit(bucket);
            if (rule != 0) {
                offer(best, hostRef, bucket, rule, nearness);
                return;
            }
        }
    }

    private int firstFit(int bucketRef) {
        UnsafeBuffer page = Pages.page(table.pages, bucketRef);
        int bucket = Pages.offset(bucketRef);
        int count = page.getInt(bucket + Layout.BUCKET_RULES);
        for (int i = 0; i < count; i++) {
            budget--;
            int rule = page.getInt(bucket + Layout.BUCKET_REFS + (i << 2));
            if (lookup.matcher().firstFailure(table, query, lookup.methodBit(), rule, false) == 0) {
                return rule;
            }
        }
        return 0;
    }

    // Ties go to the smaller reference: no order that an insertion makes shows, but the list is the same each time.
    private static PriorityQueue<Miss> queue() {
        return new PriorityQueue<>(Comparator.comparingInt(Miss::nearness));
    }

    private static void offer(PriorityQueue<Miss> best, int host, int bucket, int rule, int nearness) {
        if (best.size() < LISTED_MAX) {
            best.add(new Miss(host, bucket, rule, nearness));
        } else if (best.element().nearness() < nearness) {
            best.remove();
            best.add(new Miss(host, bucket, rule, nearness));
        }
    }

    private static List<Miss> nearestFirst(PriorityQueue<Miss> best) {
        return best.stream()
                .sorted(Comparator.comparingInt(Miss::nearness).reversed())
                .toList();
    }

    // Characters in common at the start count most, then how little the lengths differ.
    private static int nearness(String text, String wanted) {
        int common = 0;
        int shorter = Math.min(text.length(), wanted.length());
        while (common < shorter && text.charAt(common) == wanted.charAt(common)) {
            common++;
        }
        return common * 10_000 - Math.abs(text.length() - wanted.length());
    }

    private RuleReading reading(Miss miss) {
        return new RuleReading(table, miss.host(), miss.bucket(), miss.rule());
    }

    private RouteCandidate candidate(Miss miss, String because) {
        RuleReading reading = reading(miss);
        return new RouteCandidate(
                reading.name(),
                reading.routeId(),
                reading.match(),
                RouteCandidate.Result.FAILED,
                because,
                reading.specificity(),
                reading.priority());
    }

    private String text(int offset, int length) {
        return new String(query.bytes(), offset, length, StandardCharsets.ISO_8859_1);
    }
}
