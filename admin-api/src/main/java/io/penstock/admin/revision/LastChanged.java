package io.penstock.admin.revision;

import io.penstock.admin.store.ResourceKey;
import java.util.Arrays;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * Which revision last changed each part. Immutable; the next one shares all but the path to what changed.
 *
 * <p>A hash trie of 32-way nodes (Bagwell, "Ideal Hash Trees", 2001): a node holds only the children it has, a bit map
 * says which. Five bits of the hash choose the child at each level; keys whose hashes are equal in all 32 bits share a
 * list below the last level.
 */
public final class LastChanged {

    static final LastChanged NONE = new LastChanged(Node.EMPTY);

    private static final int BITS = 5;
    private static final int HASH_BITS = 32;

    private final Node root;

    private LastChanged(Node root) {
        this.root = root;
    }

    /** The revision that last changed the part; empty if there is no such part. */
    public OptionalLong of(ResourceKey key) {
        int hash = key.hashCode();
        Object at = root;
        for (int shift = 0; at instanceof Node node; shift += BITS) {
            at = node.child(hash >>> shift);
        }
        for (Entry entry = (Entry) at; entry != null; entry = entry.next) {
            if (entry.key.equals(key)) {
                return OptionalLong.of(entry.revision);
            }
        }
        return OptionalLong.empty();
    }

    LastChanged with(ResourceKey key, long revision) {
        return new LastChanged(put(root, 0, new Entry(key, revision, null)));
    }

    LastChanged without(ResourceKey key) {
        if (of(key).isEmpty()) {
            return this;
        }
        Node next = (Node) remove(root, 0, key);
        return next == null ? NONE : new LastChanged(next);
    }

    private static Node put(Node node, int shift, Entry entry) {
        Object child = node.child(entry.hash() >>> shift);
        Object next = switch (child) {
            case null -> entry;
            case Node deeper -> put(deeper, shift + BITS, entry);
            case Entry present -> join(present, shift + BITS, entry);
            default -> throw new IllegalStateException("a trie holds nodes and entries");
        };
        return node.with(entry.hash() >>> shift, next);
    }

    /** Puts an entry where another is: beside it if their hashes part below, in its list if they never do. */
    private static Object join(Entry present, int shift, Entry entry) {
        if (present.key.equals(entry.key) || present.hash() == entry.hash()) {
            return new Entry(entry.key, entry.revision, present.without(entry.key));
        }
        if (shift >= HASH_BITS) {
            throw new IllegalStateException("different hashes part within 32 bits");
        }
        Node parted = Node.EMPTY.with(present.hash() >>> shift, present);
        return put(parted, shift, entry);
    }

    private static @Nullable Object remove(Node node, int shift, ResourceKey key) {
        int slot = key.hashCode() >>> shift;
        Object next = switch (node.child(slot)) {
            case null -> null;
            case Node deeper -> remove(deeper, shift + BITS, key);
            case Entry present -> present.without(key);
            default -> throw new IllegalStateException("a trie holds nodes and entries");
        };
        if (next != null) {
            return node.with(slot, next);
        }
        Node rest = node.without(slot);
        return rest.children.length == 0 ? null : rest;
    }

    /** One key's revision, and the entries whose keys have the same hash. */
    private static final class Entry {
        private final ResourceKey key;
        private final long revision;
        private final @Nullable Entry next;

        Entry(ResourceKey key, long revision, @Nullable Entry next) {
            this.key = key;
            this.revision = revision;
            this.next = next;
        }

        int hash() {
            return key.hashCode();
        }

        @Nullable
        Entry without(ResourceKey gone) {
            if (key.equals(gone)) {
                return next;
            }
            return next == null ? this : new Entry(key, revision, next.without(gone));
        }
    }

    /** The children present, in the order of their slots; a set bit of the map says that its slot has one. */
    private static final class Node {
        static final Node EMPTY = new Node(0, new Object[0]);

        private final int map;
        private final Object[] children;

        Node(int map, Object[] children) {
            this.map = map;
            this.children = children;
        }

        @Nullable
        Object child(int slot) {
            int bit = 1 << slot;
            return (map & bit) == 0 ? null : children[index(bit)];
        }

        Node with(int slot, Object child) {
            int bit = 1 << slot;
            int index = index(bit);
            if ((map & bit) != 0) {
                Object[] next = children.clone();
                next[index] = child;
                return new Node(map, next);
            }
            Object[] next = new Object[children.length + 1];
            System.arraycopy(children, 0, next, 0, index);
            next[index] = child;
            System.arraycopy(children, index, next, index + 1, children.length - index);
            return new Node(map | bit, next);
        }

        Node without(int slot) {
            int bit = 1 << slot;
            if ((map & bit) == 0) {
                return this;
            }
            int index = index(bit);
            Object[] next = Arrays.copyOf(children, children.length - 1);
            System.arraycopy(children, index + 1, next, index, children.length - index - 1);
            return new Node(map & ~bit, next);
        }

        private int index(int bit) {
            return Integer.bitCount(map & (bit - 1));
        }
    }
}
