package io.penstock.config;

import io.penstock.config.NamedMap.Difference;
import io.penstock.config.NamedNode.Split;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** One comparison of two trees. */
final class NamedDiff<T extends Resource> {
    private final Difference<T> differences;
    private int visitedNodes;

    NamedDiff(Difference<T> differences) {
        this.differences = differences;
    }

    /** Pairs of subtrees looked into: what the comparison has cost. */
    int visitedNodes() {
        return visitedNodes;
    }

    // The higher root of the two parts both trees; since shapes follow from the names, trees with a common history part
    // at the same places and meet in common subtrees.
    void walk(@Nullable NamedNode<T> before, @Nullable NamedNode<T> after) {
        if (before == after) {
            return;
        }
        visitedNodes++;
        if (before == null || (after != null && after.above(before))) {
            NamedNode<T> root = after;
            if (root != null) {
                Split<T> parted = NamedNode.split(before, root.name());
                walk(parted.less(), root.left);
                tell(root.name(), resource(parted.same()), root.resource);
                walk(parted.more(), root.right);
            }
        } else {
            Split<T> parted = NamedNode.split(after, before.name());
            walk(before.left, parted.less());
            tell(before.name(), before.resource, resource(parted.same()));
            walk(before.right, parted.more());
        }
    }

    private void tell(String name, @Nullable T old, @Nullable T present) {
        if (!Objects.equals(old, present)) {
            differences.differs(name, old, present);
        }
    }

    private @Nullable T resource(@Nullable NamedNode<T> node) {
        return node == null ? null : node.resource;
    }
}
