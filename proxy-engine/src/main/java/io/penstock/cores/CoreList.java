package io.penstock.cores;

import java.util.BitSet;
import java.util.StringJoiner;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Sets of cores as the kernel writes them: {@code 0,2-3}. */
final class CoreList {
    /** What a mask of the kernel has room for here. */
    static final int CORES_MAX = 1024;

    private static final Pattern PART = Pattern.compile("([0-9]{1,4})(?:-([0-9]{1,4}))?");

    private CoreList() {}

    /**
     * Reads one.
     *
     * @throws IllegalArgumentException if it is no list
     */
    static BitSet parse(String text) {
        BitSet cores = new BitSet();
        for (String part : text.split(",", -1)) {
            Matcher range = PART.matcher(part);
            int first = range.matches() ? Integer.parseInt(range.group(1)) : CORES_MAX;
            int last = first == CORES_MAX || range.group(2) == null ? first : Integer.parseInt(range.group(2));
            if (first > last || last >= CORES_MAX || cores.get(first, last + 1).cardinality() > 0) {
                throw new IllegalArgumentException(
                        "--pin: found \"" + text + "\", wanted none, auto, or cores and ranges, each once, as 1,4-7");
            }
            cores.set(first, last + 1);
        }
        return cores;
    }

    static String text(BitSet cores) {
        StringJoiner text = new StringJoiner(",");
        for (int first = cores.nextSetBit(0); first >= 0; ) {
            int end = cores.nextClearBit(first);
            text.add(end - first == 1 ? Integer.toString(first) : first + "-" + (end - 1));
            first = cores.nextSetBit(end);
        }
        return text.toString();
    }
}
