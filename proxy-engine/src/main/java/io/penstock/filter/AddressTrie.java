package io.penstock.filter;

import io.penstock.config.Cidr;
import io.penstock.http.AddressText;
import io.penstock.mark.SharedByWorkers;
import java.util.ArrayList;
import java.util.List;

/**
 * Which addresses pass two lists of blocks: those that no block denies, and that some block allows where any is allowed.
 * The answer for every address is worked out when the lists are compiled. Immutable.
 *
 * <p>A trie over six bits of the address at a time, as in Poptrie (Asai and Ohara, SIGCOMM 2015), whose leaves are single
 * bits. A node is three words: which of its 64 slots lead to a child, which of the others pass, and where its children begin;
 * the child of a slot is found by counting the bits before it. A look-up reads one node for each six bits that some block
 * tells apart: four for IPv4 blocks of /24. IPv4 and IPv6 have a root each, since no block is of both.
 */
@SharedByWorkers
public final class AddressTrie {
    private static final int STRIDE = 6;
    private static final int SLOTS = 1 << STRIDE;
    private static final int NODE_WORDS = 3;
    private static final int V4_ROOT = 0;
    private static final int V6_ROOT = NODE_WORDS;
    private static final int V4_SHIFT = 32;

    private final long[] words;

    private AddressTrie(long[] words) {
        this.words = words;
    }

    /**
     * Compiles two lists; where {@code allow} is empty every address is allowed, and {@code deny} wins over it. Takes time in
     * proportion to their length.
     */
    public static AddressTrie of(List<Cidr> allow, List<Cidr> deny) {
        boolean isOpen = allow.isEmpty();
        List<Draft> drafts = new ArrayList<>();
        drafts.add(Draft.of(blocks(allow, deny, false), isOpen));
        drafts.add(Draft.of(blocks(allow, deny, true), isOpen));
        // Breadth first, so that the children of a node lie side by side.
        for (int i = 0; i < drafts.size(); i++) {
            Draft draft = drafts.get(i);
            draft.firstChild = drafts.size();
            drafts.addAll(draft.kids);
        }
        long[] words = new long[drafts.size() * NODE_WORDS];
        for (int i = 0; i < drafts.size(); i++) {
            Draft draft = drafts.get(i);
            words[i * NODE_WORDS] = draft.children;
            words[i * NODE_WORDS + 1] = draft.passing;
            words[i * NODE_WORDS + 2] = (long) draft.firstChild * NODE_WORDS;
        }
        return new AddressTrie(words);
    }

    private static List<Block> blocks(List<Cidr> allow, List<Cidr> deny, boolean ofV6) {
        List<Block> blocks = new ArrayList<>();
        allow.stream().filter(each -> each.v6() == ofV6).forEach(each -> blocks.add(Block.of(each, false)));
        deny.stream().filter(each -> each.v6() == ofV6).forEach(each -> blocks.add(Block.of(each, true)));
        blocks.sort(null);
        return blocks;
    }

    /**
     * Whether an address passes. Any thread; allocates nothing.
     *
     * @param address 16 bytes, IPv4 as {@code ::ffff:a.b.c.d}
     */
    public boolean passes(byte[] address) {
        long high = AddressText.high(address);
        long low = AddressText.low(address);
        boolean isV4 = high == 0 && (low >>> V4_SHIFT) == 0xffff;
        return isV4 ? find(V4_ROOT, low << V4_SHIFT, 0) : find(V6_ROOT, high, low);
    }

    private boolean find(int root, long addressHigh, long addressLow) {
        long high = addressHigh;
        long low = addressLow;
        int node = root;
        while (true) {
            long bit = 1L << (high >>> (Long.SIZE - STRIDE));
            long children = words[node];
            if ((children & bit) == 0) {
                return (words[node + 1] & bit) != 0;
            }
            node = (int) words[node + 2] + NODE_WORDS * Long.bitCount(children & (bit - 1));
            high = (high << STRIDE) | (low >>> (Long.SIZE - STRIDE));
            low <<= STRIDE;
        }
    }

    /** How many nodes there are: what the memory is that it takes, at 24 bytes each. */
    int nodes() {
        return words.length / NODE_WORDS;
    }

    /** A block with its address at the upper end of 128 bits, ordered by address, then the wider first. */
    private record Block(long high, long low, int length, boolean isDenied) implements Comparable<Block> {
        static Block of(Cidr block, boolean isDenied) {
            return block.v6()
                    ? new Block(block.high(), block.low(), block.prefix(), isDenied)
                    : new Block(block.low() << V4_SHIFT, 0, block.prefix(), isDenied);
        }

        int slot(int depth) {
            long window = depth == 0
                    ? high
                    : depth < Long.SIZE ? (high << depth) | (low >>> (Long.SIZE - depth)) : low << (depth - Long.SIZE);
            return (int) (window >>> (Long.SIZE - STRIDE));
        }

        @Override
        public int compareTo(Block other) {
            int order = Long.compareUnsigned(high, other.high);
            order = order != 0 ? order : Long.compareUnsigned(low, other.low);
            return order != 0 ? order : Integer.compare(length, other.length);
        }
    }

    /** A node in the making. */
    private static final class Draft {
        private final List<Draft> kids = new ArrayList<>(0);
        private long children;
        private long passing;
        private int firstChild;

        static Draft of(List<Block> sorted, boolean isAllowed) {
            return new Draft(sorted, 0, sorted.size(), 0, isAllowed);
        }

        // Of the blocks of this node's part of the sorted list, those that end above it have had their say in
        // isAllowed.
        private Draft(List<Block> sorted, int from, int to, int depth, boolean isAllowed) {
            long allowed = isAllowed ? -1 : 0;
            long denied = 0;
            for (int i = from; i < to; i++) {
                Block block = sorted.get(i);
                if ((block.length() > depth || depth == 0) && block.length() <= depth + STRIDE) {
                    long span = span(block.slot(depth), depth + STRIDE - block.length());
                    allowed |= block.isDenied() ? 0 : span;
                    denied |= block.isDenied() ? span : 0;
                }
            }
            passing = allowed & ~denied;
            int next = from;
            while (next < to) {
                Block block = sorted.get(next);
                if (block.length() <= depth + STRIDE) {
                    next++;
                    continue;
                }
                int slot = block.slot(depth);
                int end = next + 1;
                while (end < to && sorted.get(end).slot(depth) == slot) {
                    end++;
                }
                long bit = 1L << slot;
                if ((denied & bit) == 0) {
                    take(bit, new Draft(sorted, next, end, depth + STRIDE, (allowed & bit) != 0));
                }
                next = end;
            }
        }

        // The slots that 2 to the power of `bits` addresses of this depth fill.
        private static long span(int slot, int bits) {
            int count = 1 << bits;
            return count >= SLOTS ? -1 : ((1L << count) - 1) << slot;
        }

        // A child that answers the same for all is a leaf.
        private void take(long bit, Draft child) {
            if (child.children != 0 || (child.passing != 0 && child.passing != -1)) {
                children |= bit;
                kids.add(child);
            } else {
                passing = child.passing == 0 ? passing & ~bit : passing | bit;
            }
        }
    }
}
