package io.penstock.config;

import org.jspecify.annotations.Nullable;

/** One node of the treap: names ordered left to right, priorities from the top down. Immutable. */
final class NamedNode<T extends Resource> {
    final T resource;
    final @Nullable NamedNode<T> left;
    final @Nullable NamedNode<T> right;
    private final long priority;
    private final int size;

    /** Both sides of a split. */
    record Split<T extends Resource>(
            @Nullable NamedNode<T> less,
            @Nullable NamedNode<T> same,
            @Nullable NamedNode<T> more) {}

    private NamedNode(long priority, T resource, @Nullable NamedNode<T> left, @Nullable NamedNode<T> right) {
        this.priority = priority;
        this.resource = resource;
        this.left = left;
        this.right = right;
        this.size = 1 + size(left) + size(right);
    }

    String name() {
        return resource.name();
    }

    static int size(@Nullable NamedNode<?> node) {
        return node == null ? 0 : node.size;
    }

    static <T extends Resource> @Nullable T find(@Nullable NamedNode<T> root, String name) {
        NamedNode<T> node = root;
        while (node != null) {
            int order = name.compareTo(node.name());
            if (order == 0) {
                return node.resource;
            }
            node = order < 0 ? node.left : node.right;
        }
        return null;
    }

    static <T extends Resource> NamedNode<T> put(@Nullable NamedNode<T> node, T resource) {
        return put(node, resource, priority(resource.name()));
    }

    private static <T extends Resource> NamedNode<T> put(@Nullable NamedNode<T> node, T resource, long priority) {
        if (node == null) {
            return new NamedNode<>(priority, resource, null, null);
        }
        int order = resource.name().compareTo(node.name());
        if (order == 0) {
            return new NamedNode<>(priority, resource, node.left, node.right);
        }
        if (above(priority, resource.name(), node)) {
            Split<T> split = split(node, resource.name());
            return new NamedNode<>(priority, resource, split.less(), split.more());
        }
        return order < 0
                ? node.with(put(node.left, resource, priority), node.right)
                : node.with(node.left, put(node.right, resource, priority));
    }

    static <T extends Resource> @Nullable NamedNode<T> remove(@Nullable NamedNode<T> node, String name) {
        if (node == null) {
            return null;
        }
        int order = name.compareTo(node.name());
        if (order == 0) {
            return join(node.left, node.right);
        }
        return order < 0
                ? node.with(remove(node.left, name), node.right)
                : node.with(node.left, remove(node.right, name));
    }

    /** Parts a tree at a name; shares all but the path to the name. */
    static <T extends Resource> Split<T> split(@Nullable NamedNode<T> node, String name) {
        if (node == null) {
            return new Split<>(null, null, null);
        }
        int order = name.compareTo(node.name());
        if (order == 0) {
            return new Split<>(node.left, node, node.right);
        }
        if (order < 0) {
            Split<T> below = split(node.left, name);
            return new Split<>(below.less(), below.same(), node.with(below.more(), node.right));
        }
        Split<T> below = split(node.right, name);
        return new Split<>(node.with(node.left, below.less()), below.same(), below.more());
    }

    /** Whether this node would stand above the other in a tree that holds both. */
    boolean above(NamedNode<T> other) {
        return above(priority, name(), other);
    }

    // Shapes are alike for like names, so the recursion ends early at a common subtree or at the first unlike root.
    static boolean equal(@Nullable NamedNode<?> a, @Nullable NamedNode<?> b) {
        if (a == b) {
            return true;
        }
        return a != null
                && b != null
                && a.size == b.size
                && a.resource.equals(b.resource)
                && equal(a.left, b.left)
                && equal(a.right, b.right);
    }

    private NamedNode<T> with(@Nullable NamedNode<T> newLeft, @Nullable NamedNode<T> newRight) {
        return newLeft == left && newRight == right ? this : new NamedNode<>(priority, resource, newLeft, newRight);
    }

    private static <T extends Resource> @Nullable NamedNode<T> join(
            @Nullable NamedNode<T> less, @Nullable NamedNode<T> more) {
        if (less == null) {
            return more;
        }
        if (more == null) {
            return less;
        }
        return less.above(more)
                ? less.with(less.left, join(less.right, more))
                : more.with(join(less, more.left), more.right);
    }

    // Names break a tie of hashes, so that the shape never depends on the order of edits.
    private static boolean above(long priority, String name, NamedNode<?> other) {
        return priority != other.priority ? priority > other.priority : name.compareTo(other.name()) > 0;
    }

    // FNV-1a over the characters, then the finaliser of SplitMix64 (Steele, Lea and Flood, 2014): neighbouring names
    // must not get neighbouring priorities, or the tree would degenerate into a list.
    private static long priority(String name) {
        long hash = 0xcbf29ce484222325L;
        for (int i = 0; i < name.length(); i++) {
            hash = (hash ^ name.charAt(i)) * 0x100000001b3L;
        }
        hash = (hash ^ (hash >>> 30)) * 0xbf58476d1ce4e5b9L;
        hash = (hash ^ (hash >>> 27)) * 0x94d049bb133111ebL;
        return hash ^ (hash >>> 31);
    }
}
