package io.penstock.config;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/**
 * Resources by name, sorted, immutable; an edit gives a new map that shares all but the path to the edit.
 *
 * <p>A treap (Seidel and Aragon, 1996) whose priorities are hashes of the names: the shape follows from the set of names
 * alone, whatever the order of edits, and its expected depth is O(log n). Therefore two maps with a common history meet in
 * the same nodes, and {@link #diff} passes by every subtree that is the same object on both sides.
 *
 * @param <T> what is kept
 */
public final class NamedMap<T extends Resource> implements Iterable<T> {
    private static final NamedMap<?> EMPTY = new NamedMap<>(null);

    private final @Nullable NamedNode<T> root;

    private NamedMap(@Nullable NamedNode<T> root) {
        this.root = root;
    }

    /** The map of nothing. */
    @SuppressWarnings("unchecked") // It holds no element of any type.
    public static <T extends Resource> NamedMap<T> empty() {
        return (NamedMap<T>) EMPTY;
    }

    /** The map of these; of two with one name, the later. */
    public static <T extends Resource> NamedMap<T> of(Iterable<? extends T> resources) {
        NamedMap<T> map = empty();
        for (T resource : resources) {
            map = map.put(resource);
        }
        return map;
    }

    /** The number of resources; constant time. */
    public int size() {
        return NamedNode.size(root);
    }

    /** Whether there is none. */
    public boolean isEmpty() {
        return root == null;
    }

    /** The resource with this name. */
    public Optional<T> find(String name) {
        return Optional.ofNullable(NamedNode.find(root, name));
    }

    /** Whether a resource has this name. */
    public boolean contains(String name) {
        return NamedNode.find(root, name) != null;
    }

    /** This map with the resource in place of the one with its name; this very map if that one is equal. */
    public NamedMap<T> put(T resource) {
        T present = NamedNode.find(root, resource.name());
        return present != null && present.equals(resource) ? this : new NamedMap<>(NamedNode.put(root, resource));
    }

    /** This map without the name; this very map if nothing has it. */
    public NamedMap<T> remove(String name) {
        if (!contains(name)) {
            return this;
        }
        NamedNode<T> rest = NamedNode.remove(root, name);
        return rest == null ? empty() : new NamedMap<>(rest);
    }

    /** From the first name to the last. */
    @Override
    public Iterator<T> iterator() {
        return new InOrder<>(root, null);
    }

    /** From the first name behind the one given, which need not be there: what a cursor needs. */
    public Iterator<T> iteratorAfter(String name) {
        return new InOrder<>(root, name);
    }

    /** The resources in the order of their names. */
    public Stream<T> stream() {
        return StreamSupport.stream(spliterator(), false);
    }

    /** The names in their order. */
    public Iterable<String> names() {
        return () -> stream().map(Resource::name).iterator();
    }

    /** Is told one difference between two maps. */
    @FunctionalInterface
    public interface Difference<T extends Resource> {
        /**
         * Takes the difference.
         *
         * @param before null if the name is new
         * @param after null if the name is gone
         */
        void differs(String name, @Nullable T before, @Nullable T after);
    }

    /** Tells every difference in the order of names; its cost follows the differences, not the sizes. */
    public static <T extends Resource> void diff(NamedMap<T> before, NamedMap<T> after, Difference<T> differences) {
        new NamedDiff<>(differences).walk(before.root, after.root);
    }

    /** What is new or another in the later of two maps, in the order of names. */
    public static <T extends Resource> List<T> changed(NamedMap<T> before, NamedMap<T> after) {
        List<T> changed = new ArrayList<>();
        diff(before, after, (name, old, present) -> {
            if (present != null) {
                changed.add(present);
            }
        });
        return changed;
    }

    @Nullable
    NamedNode<T> root() {
        return root;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof NamedMap<?> that && NamedNode.equal(root, that.root);
    }

    @Override
    public int hashCode() {
        int hash = 1;
        for (T resource : this) {
            hash = 31 * hash + resource.hashCode();
        }
        return hash;
    }

    @Override
    public String toString() {
        return stream().toList().toString();
    }

    /** Walks with a chain of the nodes still owed, the path from the root. */
    private static final class InOrder<T extends Resource> implements Iterator<T> {
        private record Owed<T extends Resource>(
                NamedNode<T> node, @Nullable Owed<T> then) {}

        private @Nullable Owed<T> owed;

        InOrder(@Nullable NamedNode<T> root, @Nullable String after) {
            NamedNode<T> node = root;
            while (node != null) {
                if (after == null || node.name().compareTo(after) > 0) {
                    owed = new Owed<>(node, owed);
                    node = node.left;
                } else {
                    node = node.right;
                }
            }
        }

        @Override
        public boolean hasNext() {
            return owed != null;
        }

        @Override
        public T next() {
            Owed<T> first = owed;
            if (first == null) {
                throw new NoSuchElementException();
            }
            owed = first.then();
            for (NamedNode<T> node = first.node().right; node != null; node = node.left) {
                owed = new Owed<>(node, owed);
            }
            return first.node().resource;
        }
    }
}
