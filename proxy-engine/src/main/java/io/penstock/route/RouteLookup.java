package io.penstock.route;

import io.penstock.mark.WorkerConfined;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Finds the route of a request, and remembers what the match took out of the path. One for each worker, reused; what it
 * says about a match holds until the next {@link #find}. Allocates nothing, but for what RE2 needs inside when an
 * expression whose literal beginning fits has to run.
 *
 * <p>Idea: hosts from the most to the least specific (exact, wildcards from the longest, any). Under a host, the shapes in
 * use there from the most to the least specific; of each shape that fits the path one probe of a hash trie ("tuple space
 * search", Srinivasan et al., SIGCOMM 1999). The bucket found holds the rules of exactly that host and path in their order;
 * the first whose conditions hold is the answer. So the cost follows the number of shapes at the request's host, not the
 * number of routes.
 */
@WorkerConfined
public final class RouteLookup {
    /** No route matches. */
    public static final int NONE = -1;

    /** Some route would match if the method were another: see {@link #allowHeader()}. */
    public static final int METHOD_NOT_ALLOWED = -2;

    private final UnsafeBuffer bytes = new UnsafeBuffer(new byte[0]);
    private final PathScan path = new PathScan();
    private final RuleMatcher matcher = new RuleMatcher();
    private final AllowTexts allowTexts = new AllowTexts();
    private byte[][] methodTokens = new byte[0][];
    private Object[] atoms = new Object[0];
    private int methodBit;
    private long allowed;
    private int matchKind;
    private int matchFixed;
    private long matchLiterals;
    private int matchParameters;

    /**
     * Finds the route that serves a request.
     *
     * @param table must be pinned during the call
     * @return the route's id, {@link #NONE} or {@link #METHOD_NOT_ALLOWED}
     */
    public int find(RouteTable table, RouteQuery query) {
        begin(table, query);
        int hostLength = query.hostLength();
        if (table.hostRoot != 0 && hostLength > 0) {
            int hostOffset = query.hostOffset();
            int host = findHost(table, HostPattern.EXACT, hostOffset, hostLength);
            int route = host == 0 ? NONE : findUnder(table, query, host);
            if (route < 0 && table.wildcardLabels != 0) {
                route = findUnderWildcards(table, query, hostOffset, hostLength);
            }
            if (route >= 0) {
                return route;
            }
        }
        int route = table.anyHost == 0 ? NONE : findUnder(table, query, table.anyHost);
        return route >= 0 ? route : allowed == 0 ? NONE : METHOD_NOT_ALLOWED;
    }

    /** The methods that would have found a route, as {@code Allow} writes them; after {@link #METHOD_NOT_ALLOWED}. */
    public String allowHeader() {
        return allowTexts.of(methodTokens, allowed);
    }

    /** Parts of the path that the matched template took out; 0 for other kinds. */
    public int parameterCount() {
        if (!Layout.isTemplate(matchKind)) {
            return 0;
        }
        return matchFixed - Long.bitCount(matchLiterals) + (matchKind == PathShape.TAIL ? 1 : 0);
    }

    /** What the template calls a parameter. */
    public String parameterName(int index) {
        return parameterNames().get(index);
    }

    /** The index of the parameter with that name, or -1. */
    public int parameter(String name) {
        return matchParameters == 0 ? -1 : parameterNames().indexOf(name);
    }

    /** Where a parameter begins in the query's bytes. It is still percent-encoded, as the canonical path is. */
    public int parameterOffset(int index) {
        return path.offset + path.segmentStart(segmentOf(index));
    }

    /** Bytes of a parameter. */
    public int parameterLength(int index) {
        int segment = segmentOf(index);
        int end = segment == matchFixed ? path.length : path.segmentEnd(segment);
        return end - path.segmentStart(segment);
    }

    private List<String> parameterNames() {
        return ((ParameterNames) atoms[matchParameters]).names();
    }

    // The segment that the parameter takes: the index-th that is not literal.
    private int segmentOf(int index) {
        long open = ~matchLiterals;
        for (int i = 0; i < index; i++) {
            open &= ~Long.highestOneBit(open);
        }
        return Math.min(Long.numberOfLeadingZeros(open), matchFixed);
    }

    // Identity is meant: the same array needs no new view.
    @SuppressWarnings("ReferenceEquality")
    void begin(RouteTable table, RouteQuery query) {
        byte[] source = query.bytes();
        if (bytes.byteArray() != source) {
            bytes.wrap(source);
        }
        path.scan(bytes, query.pathOffset(), query.pathLength());
        methodTokens = table.methodTokens;
        methodBit = MethodBits.of(methodTokens, bytes, query.methodOffset(), query.methodLength());
        allowed = 0;
        matchKind = PathShape.EXACT;
        matchParameters = 0;
    }

    PathScan path() {
        return path;
    }

    RuleMatcher matcher() {
        return matcher;
    }

    int methodBit() {
        return methodBit;
    }

    /** The record of the host that begins there, or 0. */
    int findHost(RouteTable table, int form, int offset, int length) {
        long hash = RouteHash.ofHost(bytes, offset, length, form);
        while (true) {
            int leaf = HashTrie.find(table.pages, table.hostRoot, hash);
            if (leaf == 0) {
                return 0;
            }
            UnsafeBuffer page = Pages.page(table.pages, leaf);
            int host = Pages.offset(leaf);
            long head = page.getLong(host + Layout.HOST_PATHS);
            int text = host + Layout.HOST_SHAPES + Layout.hostShapeBytes(head);
            if (Layout.isHostOf(head, form, length) && RouteHash.equal(page, text, bytes, offset, length)) {
                return leaf;
            }
            hash += RouteHash.DISPLACEMENT;
        }
    }

    private int findUnderWildcards(RouteTable table, RouteQuery query, int hostOffset, int hostLength) {
        int end = hostOffset + hostLength;
        int dots = 0;
        for (int at = hostOffset + 1; at < end; at++) {
            dots += bytes.getByte(at) == '.' ? 1 : 0;
        }
        for (int at = hostOffset + 1; dots > 0; at++) {
            if (bytes.getByte(at) == '.') {
                if ((table.wildcardLabels & (1L << Math.min(dots, Long.SIZE - 1))) != 0) {
                    int host = findHost(table, HostPattern.WILDCARD, at, end - at);
                    int route = host == 0 ? NONE : findUnder(table, query, host);
                    if (route >= 0) {
                        return route;
                    }
                }
                dots--;
            }
        }
        return NONE;
    }

    private int findUnder(RouteTable table, RouteQuery query, int hostRef) {
        UnsafeBuffer page = Pages.page(table.pages, hostRef);
        int host = Pages.offset(hostRef);
        long head = page.getLong(host + Layout.HOST_PATHS);
        int paths = Layout.hostPaths(head);
        int end = host + Layout.HOST_SHAPES + Layout.hostShapeBytes(head);
        for (int shape = host + Layout.HOST_SHAPES; shape < end; shape += Layout.SHAPE_BYTES) {
            long half = page.getLong(shape + Layout.SHAPE_BUCKETS);
            int kind = Layout.shapeKind(half);
            int fixed = Layout.shapeFixed(half);
            if (PathShape.fits(kind, fixed, path.segments)) {
                long literals = page.getLong(shape);
                int bucket = findBucket(table, paths, kind, fixed, literals);
                if (bucket != 0) {
                    int route = firstMatch(table, query, bucket, kind);
                    if (route >= 0) {
                        matchKind = kind;
                        matchFixed = fixed;
                        matchLiterals = literals;
                        return route;
                    }
                }
            }
        }
        return NONE;
    }

    /** The bucket of the key that a shape makes of the path, or 0. */
    int findBucket(RouteTable table, int paths, int kind, int fixed, long literals) {
        long hash = path.hash(kind, fixed, literals);
        while (true) {
            int leaf = HashTrie.find(table.pages, paths, hash);
            if (leaf == 0 || isKeyOfPath(table, leaf, kind, fixed, literals)) {
                return leaf;
            }
            hash += RouteHash.DISPLACEMENT;
        }
    }

    private boolean isKeyOfPath(RouteTable table, int leaf, int kind, int fixed, long literals) {
        UnsafeBuffer page = Pages.page(table.pages, leaf);
        int bucket = Pages.offset(leaf);
        long head = page.getLong(bucket + Layout.BUCKET_RULES);
        if (!Layout.isBucketOf(head, kind, fixed)) {
            return false;
        }
        int text = bucket + Layout.bucketText(Layout.bucketRules(head), kind);
        int length = Layout.bucketLength(head);
        if (Layout.isTemplate(kind)) {
            return page.getLong(text - Long.BYTES) == literals && isLiteralText(page, text, length, literals);
        }
        int wanted = kind == PathShape.EXACT ? path.length : path.prefixLength[fixed];
        return length == wanted && RouteHash.equal(page, text, bytes, path.offset, length);
    }

    private boolean isLiteralText(UnsafeBuffer page, int text, int length, long literals) {
        int at = 0;
        for (long rest = literals; rest != 0; rest &= ~Long.highestOneBit(rest)) {
            int segment = Long.numberOfLeadingZeros(rest);
            // With the slash in front: no two lists of segments make one text.
            int start = path.prefixLength[segment];
            int segmentLength = path.prefixLength[segment + 1] - start;
            if (at + segmentLength > length
                    || !RouteHash.equal(page, text + at, bytes, path.offset + start, segmentLength)) {
                return false;
            }
            at += segmentLength;
        }
        return at == length;
    }

    private int firstMatch(RouteTable table, RouteQuery query, int bucketRef, int kind) {
        UnsafeBuffer page = Pages.page(table.pages, bucketRef);
        int bucket = Pages.offset(bucketRef);
        int count = page.getInt(bucket + Layout.BUCKET_RULES);
        for (int i = 0; i < count; i++) {
            int ref = page.getInt(bucket + Layout.BUCKET_REFS + (i << 2));
            int failure = matcher.firstFailure(table, query, methodBit, ref, false);
            if (failure == 0) {
                UnsafeBuffer rulePage = Pages.page(table.pages, ref);
                int rule = Pages.offset(ref);
                if (Layout.isTemplate(kind)) {
                    int flags = rulePage.getByte(rule + Layout.RULE_FLAGS);
                    atoms = table.atoms;
                    matchParameters = (flags & Layout.HAS_PARAMETERS) == 0
                            ? 0
                            : rulePage.getInt(rule + Layout.parametersAt(flags));
                }
                return rulePage.getInt(rule + Layout.RULE_ROUTE);
            }
            if (failure == RuleMatcher.METHOD && matcher.firstFailure(table, query, methodBit, ref, true) == 0) {
                allowed |= Pages.page(table.pages, ref).getLong(Pages.offset(ref) + Layout.RULE_BODY);
            }
        }
        return NONE;
    }
}
