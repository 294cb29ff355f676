package io.penstock.route;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Walks the table as a lookup does, but does not stop at the winner and keeps what it saw. The walk is its own, the
 * conditions and the hashing are the lookup's; a property test holds the two decisions together.
 */
final class RouteExplainer {
    /** Candidates listed at most, near misses not counted. */
    static final int CONSIDERED_MAX = 50;

    // Kept while walking; the walk itself goes on until there is a winner, as the lookup would.
    private static final int KEPT_MAX = 10_000;
    private static final int BEHIND_WINNER_MAX = 10;

    /** A rule looked at; failure 0 if it fits. */
    private record Seen(int host, int bucket, int rule, int failure) {}

    private final RouteTable table;
    private final RouteQuery query;
    private final RouteLookup lookup = new RouteLookup();
    private final List<Integer> hosts = new ArrayList<>();
    private final Set<Integer> buckets = new HashSet<>();
    private final List<Seen> seen = new ArrayList<>();
    private int winnerIndex = -1;
    private int leftOut;
    private long allowed;

    RouteExplainer(RouteTable table, RouteQuery query) {
        this.table = table;
        this.query = query;
    }

    RouteExplanation explain() {
        lookup.begin(table, query);
        collectHosts();
        for (int host : hosts) {
            walk(host);
        }
        List<RouteCandidate> considered = new ArrayList<>();
        for (Seen one : nearest()) {
            considered.add(candidate(one));
        }
        if (winnerIndex < 0) {
            considered.addAll(new NearMisses(table, query, lookup, hosts, buckets).find());
        }
        return answer(considered);
    }

    private RouteExplanation answer(List<RouteCandidate> considered) {
        if (winnerIndex < 0) {
            boolean isMethod = allowed != 0;
            return new RouteExplanation(
                    isMethod ? RouteExplanation.Outcome.METHOD_NOT_ALLOWED : RouteExplanation.Outcome.NOT_FOUND,
                    isMethod ? RouteLookup.METHOD_NOT_ALLOWED : RouteLookup.NONE,
                    Optional.empty(),
                    isMethod
                            ? List.of(MethodBits.names(table.methodTokens, allowed, ",")
                                    .split(",", -1))
                            : List.of(),
                    Map.of(),
                    List.copyOf(considered),
                    leftOut);
        }
        RuleReading winner = reading(seen.get(winnerIndex));
        return new RouteExplanation(
                RouteExplanation.Outcome.MATCH,
                winner.routeId(),
                Optional.of(winner.name()),
                List.of(),
                parameters(),
                List.copyOf(considered),
                leftOut);
    }

    private void collectHosts() {
        int end = query.hostOffset() + query.hostLength();
        if (query.hostLength() > 0) {
            addHost(lookup.findHost(table, HostPattern.EXACT, query.hostOffset(), query.hostLength()));
        }
        for (int at = query.hostOffset() + 1; at < end; at++) {
            if (query.bytes()[at] == '.') {
                addHost(lookup.findHost(table, HostPattern.WILDCARD, at, end - at));
            }
        }
        addHost(table.anyHost);
    }

    private void addHost(int ref) {
        if (ref != 0) {
            hosts.add(ref);
        }
    }

    private void walk(int hostRef) {
        UnsafeBuffer page = Pages.page(table.pages, hostRef);
        int host = Pages.offset(hostRef);
        int paths = page.getInt(host + Layout.HOST_PATHS);
        int count = Layout.u16(page, host + Layout.HOST_SHAPE_COUNT);
        for (int i = 0; i < count; i++) {
            int shape = host + Layout.HOST_SHAPES + i * Layout.SHAPE_BYTES;
            int kind = page.getByte(shape + Layout.SHAPE_KIND);
            int fixed = page.getByte(shape + Layout.SHAPE_FIXED);
            if (PathShape.fits(kind, fixed, lookup.path().segments)) {
                int bucket = lookup.findBucket(table, paths, kind, fixed, page.getLong(shape));
                if (bucket != 0) {
                    buckets.add(bucket);
                    look(hostRef, bucket);
                }
            }
        }
    }

    private void look(int hostRef, int bucketRef) {
        UnsafeBuffer page = Pages.page(table.pages, bucketRef);
        int bucket = Pages.offset(bucketRef);
        int count = page.getInt(bucket + Layout.BUCKET_RULES);
        for (int i = 0; i < count; i++) {
            int ref = page.getInt(bucket + Layout.BUCKET_REFS + (i << 2));
            if (winnerIndex >= 0 && seen.size() > winnerIndex + BEHIND_WINNER_MAX) {
                leftOut += count - i;
                return;
            }
            int failure = lookup.matcher().firstFailure(table, query, lookup.methodBit(), ref, false);
            if (failure == RuleMatcher.METHOD
                    && lookup.matcher().firstFailure(table, query, lookup.methodBit(), ref, true) == 0) {
                allowed |= new RuleReading(table, hostRef, bucketRef, ref).methods();
            }
            if (failure == 0 && winnerIndex < 0) {
                winnerIndex = seen.size();
                seen.add(new Seen(hostRef, bucketRef, ref, failure));
            } else if (seen.size() < KEPT_MAX) {
                seen.add(new Seen(hostRef, bucketRef, ref, failure));
            } else {
                leftOut++;
            }
        }
    }

    // All in their order if they are few; else those that failed last in the row of conditions, the winner among them.
    private List<Seen> nearest() {
        if (seen.size() <= CONSIDERED_MAX) {
            return seen;
        }
        leftOut += seen.size() - CONSIDERED_MAX;
        List<Integer> indexes = new ArrayList<>();
        for (int i = 0; i < seen.size(); i++) {
            indexes.add(i);
        }
        indexes.sort(Comparator.<Integer>comparingInt(i -> i == winnerIndex ? 0 : 1)
                .thenComparingInt(i -> -seen.get(i).failure())
                .thenComparingInt(i -> i));
        return indexes.subList(0, CONSIDERED_MAX).stream()
                .sorted()
                .map(seen::get)
                .toList();
    }

    private RouteCandidate candidate(Seen one) {
        RuleReading reading = reading(one);
        boolean isWinner = winnerIndex >= 0 && one.equals(seen.get(winnerIndex));
        RouteCandidate.Result result = isWinner
                ? RouteCandidate.Result.MATCH
                : one.failure() == 0 ? RouteCandidate.Result.OUTRANKED : RouteCandidate.Result.FAILED;
        String because = switch (result) {
            case MATCH -> "";
            case FAILED -> reading.because(one.failure(), query);
            case OUTRANKED -> outranked(reading);
        };
        return new RouteCandidate(
                reading.name(),
                reading.routeId(),
                reading.match(),
                result,
                because,
                reading.specificity(),
                reading.priority());
    }

    private String outranked(RuleReading loser) {
        RuleReading winner = reading(seen.get(winnerIndex));
        String why;
        if (!winner.specificity().equals(loser.specificity())) {
            why = "it is more specific";
        } else if (winner.priority() != loser.priority()) {
            why = "its priority is " + winner.priority() + ", not " + loser.priority();
        } else if (winner.name().equals(loser.name())) {
            why = "by an earlier match of its own";
        } else {
            why = "by its name";
        }
        return "fits, but " + winner.name() + " comes first: " + why;
    }

    private RuleReading reading(Seen one) {
        return new RuleReading(table, one.host(), one.bucket(), one.rule());
    }

    // The lookup once more, for what only it knows; that it finds the winner is the property test's claim.
    private Map<String, String> parameters() {
        Map<String, String> parameters = new LinkedHashMap<>();
        lookup.find(table, query);
        for (int i = 0; i < lookup.parameterCount(); i++) {
            String value = new String(
                    query.bytes(), lookup.parameterOffset(i), lookup.parameterLength(i), StandardCharsets.UTF_8);
            parameters.put(lookup.parameterName(i), value);
        }
        return parameters;
    }
}
