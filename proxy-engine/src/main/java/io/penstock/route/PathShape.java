package io.penstock.route;

/**
 * What a path pattern looks like when its literal text is taken out: its kind, its number of fixed segments, and which of
 * those are literal. All patterns of one shape are found by one probe, so a lookup costs a probe for each shape in use at
 * a host and not for each route.
 *
 * @param kind one of the constants
 * @param fixed segments the pattern fixes: all of a template, those before the tail, those of a prefix, those that a regex
 *     begins with literally; 0 for an exact path
 * @param literals for templates a bit for each literal segment, the first segment at the highest bit; else 0
 */
record PathShape(int kind, int fixed, long literals) implements Comparable<PathShape> {
    static final int EXACT = 0;
    static final int TEMPLATE = 1;
    static final int REGEX = 2;
    static final int TAIL = 3;
    static final int PREFIX = 4;

    /** Segments that are literal. */
    int literalCount() {
        return kind == TEMPLATE || kind == TAIL ? Long.bitCount(literals) : fixed;
    }

    /** Exact, template, regex, and last, together, the two that leave the path's end open. */
    int rank() {
        return kind == TAIL ? PREFIX : kind;
    }

    /** Whether a path of that many segments can have a key of this shape. */
    static boolean fits(int kind, int fixed, int segments) {
        return switch (kind) {
            case EXACT -> true;
            case TEMPLATE -> segments == fixed;
            case TAIL -> segments > fixed;
            default -> segments >= fixed && segments > 0;
        };
    }

    /** The more specific first: the order in docs/ROUTING.md, as far as the path decides it. */
    @Override
    public int compareTo(PathShape other) {
        int order = Integer.compare(rank(), other.rank());
        if (order == 0) {
            order = Integer.compare(other.literalCount(), literalCount());
        }
        if (order == 0) {
            order = Integer.compare(kind, other.kind);
        }
        if (order == 0) {
            order = Long.compareUnsigned(other.literals, literals);
        }
        if (order == 0) {
            order = Integer.compare(other.fixed, fixed);
        }
        return order;
    }
}
