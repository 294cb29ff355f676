package io.penstock.route;

import java.util.function.IntPredicate;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * A persistent map from 64-bit hash to leaf, in {@link Pages}.
 *
 * <p>Idea: a hash array mapped trie (Bagwell, 2001). A node takes 6 bits of the hash, lowest first; a bitmap says which of
 * its 64 slots are in use, and only those are stored. A slot is positive for a node and negative for a leaf (the reference
 * with the sign bit set); a map of one leaf is that slot alone, without a node.
 *
 * <p>Invariant: a node that a published table can reach never changes. An edit copies the nodes from the root to the leaf,
 * at most 11 of at most 272 bytes; a node made since the last publication carries the current epoch and is changed in place.
 *
 * <p>Different keys with equal hashes do not meet here: the second is stored under its hash plus
 * {@link RouteHash#DISPLACEMENT}, and a reader that finds a foreign key looks there next. A leaf that others were displaced
 * by stays when it is emptied, so that the chain holds.
 *
 * <pre>
 * node:  0 bitmap (8)   8 epoch (4)   12 slots (4 each)
 * leaf:  0 hash (8)     8 epoch (4)   12 the owner's
 * </pre>
 */
final class HashTrie {
    static final int LEAF = Integer.MIN_VALUE;
    static final int REF_MASK = Integer.MAX_VALUE;
    static final int LEAF_EPOCH = 8;
    static final int LEAF_BODY = 12;

    private static final int LEVEL_BITS = 6;
    private static final int LEVEL_MASK = 63;
    private static final int NODE_EPOCH = 8;
    private static final int NODE_SLOTS = 12;

    private final BlockStore blocks;

    HashTrie(BlockStore blocks) {
        this.blocks = blocks;
    }

    /** The leaf with exactly this hash, or 0. Any thread that holds the table of these pages. */
    static int find(UnsafeBuffer[] pages, int root, long hash) {
        int slot = root;
        long rest = hash;
        while (slot > 0) {
            UnsafeBuffer page = Pages.page(pages, slot);
            int node = Pages.offset(slot);
            long bitmap = page.getLong(node);
            long bit = 1L << rest;
            if ((bitmap & bit) == 0) {
                return 0;
            }
            slot = page.getInt(node + NODE_SLOTS + (Long.bitCount(bitmap & (bit - 1)) << 2));
            rest >>>= LEVEL_BITS;
        }
        if (slot == 0) {
            return 0;
        }
        int ref = slot & REF_MASK;
        return Pages.page(pages, ref).getLong(Pages.offset(ref)) == hash ? ref : 0;
    }

    /** Calls {@code visitor} with leaf after leaf until it answers false or all are seen; false if it did. */
    static boolean forEach(UnsafeBuffer[] pages, int slot, IntPredicate visitor) {
        if (slot == 0) {
            return true;
        }
        if (slot < 0) {
            return visitor.test(slot & REF_MASK);
        }
        UnsafeBuffer page = Pages.page(pages, slot);
        int node = Pages.offset(slot);
        int count = Long.bitCount(page.getLong(node));
        for (int i = 0; i < count; i++) {
            if (!forEach(pages, page.getInt(node + NODE_SLOTS + (i << 2)), visitor)) {
                return false;
            }
        }
        return true;
    }

    /** The map with {@code leaf} under {@code hash}, in the place of whatever was there. The old leaf is not freed. */
    int put(int root, long hash, int leaf) {
        return put(root, 0, hash, leaf);
    }

    /** The map without the leaf under {@code hash}. The leaf is not freed. */
    int remove(int root, long hash) {
        return remove(root, 0, hash);
    }

    private int put(int slot, int shift, long hash, int leaf) {
        if (slot == 0) {
            return leaf | LEAF;
        }
        if (slot < 0) {
            long present = blocks.getLong(slot & REF_MASK, 0);
            return present == hash ? leaf | LEAF : split(shift, slot, present, leaf | LEAF, hash);
        }
        int bitIndex = (int) (hash >>> shift) & LEVEL_MASK;
        long bitmap = blocks.getLong(slot, 0);
        long bit = 1L << bitIndex;
        int at = Long.bitCount(bitmap & (bit - 1));
        if ((bitmap & bit) == 0) {
            return withInserted(slot, bitmap, bit, at, leaf | LEAF);
        }
        int child = blocks.getInt(slot, NODE_SLOTS + (at << 2));
        int changed = put(child, shift + LEVEL_BITS, hash, leaf);
        return changed == child ? slot : withSlot(slot, bitmap, at, changed);
    }

    private int remove(int slot, int shift, long hash) {
        if (slot <= 0) {
            return slot < 0 && blocks.getLong(slot & REF_MASK, 0) == hash ? 0 : slot;
        }
        long bitmap = blocks.getLong(slot, 0);
        long bit = 1L << ((hash >>> shift) & LEVEL_MASK);
        if ((bitmap & bit) == 0) {
            return slot;
        }
        int at = Long.bitCount(bitmap & (bit - 1));
        int child = blocks.getInt(slot, NODE_SLOTS + (at << 2));
        int changed = remove(child, shift + LEVEL_BITS, hash);
        if (changed == child) {
            return slot;
        }
        int count = Long.bitCount(bitmap);
        if (changed == 0) {
            if (count == 1) {
                dropNode(slot, count);
                return 0;
            }
            int other = count == 2 ? blocks.getInt(slot, NODE_SLOTS + ((1 - at) << 2)) : 0;
            if (other < 0) {
                // One leaf left: it takes the node's place, so that a map's form depends on its content alone.
                dropNode(slot, count);
                return other;
            }
            return withRemoved(slot, bitmap, bit, at);
        }
        if (changed < 0 && count == 1) {
            dropNode(slot, count);
            return changed;
        }
        return withSlot(slot, bitmap, at, changed);
    }

    private int split(int shift, int firstSlot, long firstHash, int secondSlot, long secondHash) {
        int firstIndex = (int) (firstHash >>> shift) & LEVEL_MASK;
        int secondIndex = (int) (secondHash >>> shift) & LEVEL_MASK;
        if (firstIndex == secondIndex) {
            int child = split(shift + LEVEL_BITS, firstSlot, firstHash, secondSlot, secondHash);
            int node = newNode(1L << firstIndex, 1);
            blocks.putInt(node, NODE_SLOTS, child);
            return node;
        }
        int node = newNode(1L << firstIndex | 1L << secondIndex, 2);
        boolean isFirstLower = firstIndex < secondIndex;
        blocks.putInt(node, NODE_SLOTS, isFirstLower ? firstSlot : secondSlot);
        blocks.putInt(node, NODE_SLOTS + 4, isFirstLower ? secondSlot : firstSlot);
        return node;
    }

    private int withSlot(int node, long bitmap, int at, int value) {
        int target = node;
        if (blocks.getInt(node, NODE_EPOCH) != blocks.epoch()) {
            int count = Long.bitCount(bitmap);
            target = newNode(bitmap, count);
            blocks.copy(node, NODE_SLOTS, target, NODE_SLOTS, count << 2);
            dropNode(node, count);
        }
        blocks.putInt(target, NODE_SLOTS + (at << 2), value);
        return target;
    }

    private int withInserted(int node, long bitmap, long bit, int at, int value) {
        int count = Long.bitCount(bitmap);
        int target = newNode(bitmap | bit, count + 1);
        blocks.copy(node, NODE_SLOTS, target, NODE_SLOTS, at << 2);
        blocks.putInt(target, NODE_SLOTS + (at << 2), value);
        blocks.copy(node, NODE_SLOTS + (at << 2), target, NODE_SLOTS + ((at + 1) << 2), (count - at) << 2);
        dropNode(node, count);
        return target;
    }

    private int withRemoved(int node, long bitmap, long bit, int at) {
        int count = Long.bitCount(bitmap);
        int target = newNode(bitmap & ~bit, count - 1);
        blocks.copy(node, NODE_SLOTS, target, NODE_SLOTS, at << 2);
        blocks.copy(node, NODE_SLOTS + ((at + 1) << 2), target, NODE_SLOTS + (at << 2), (count - at - 1) << 2);
        dropNode(node, count);
        return target;
    }

    private int newNode(long bitmap, int count) {
        int node = blocks.allocate(NODE_SLOTS + (count << 2));
        blocks.putLong(node, 0, bitmap);
        blocks.putInt(node, NODE_EPOCH, blocks.epoch());
        return node;
    }

    private void dropNode(int node, int count) {
        blocks.drop(node, NODE_SLOTS + (count << 2), blocks.getInt(node, NODE_EPOCH));
    }
}
