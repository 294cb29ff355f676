package io.penstock.route;

import java.util.Arrays;
import java.util.BitSet;
import java.util.Collection;
import org.jspecify.annotations.Nullable;

/** The listeners a route serves, by dense id. Immutable. */
public final class ListenerSet {
    /** Every listener, those of the future too. */
    public static final ListenerSet ALL = new ListenerSet(new long[0]);

    private final long[] words;

    private ListenerSet(long[] words) {
        this.words = words;
    }

    /**
     * Exactly the given listeners.
     *
     * @throws IllegalArgumentException if there is none, or an id is negative
     */
    public static ListenerSet of(Collection<Integer> listenerIds) {
        if (listenerIds.isEmpty()) {
            throw new IllegalArgumentException("a route needs at least one listener; use ListenerSet.ALL for all");
        }
        BitSet bits = new BitSet();
        for (int id : listenerIds) {
            if (id < 0) {
                throw new IllegalArgumentException("listener id " + id + " is negative");
            }
            bits.set(id);
        }
        return new ListenerSet(bits.toLongArray());
    }

    /** Whether this is {@link #ALL}. */
    public boolean isAll() {
        return words.length == 0;
    }

    /** Whether the listener is in the set. */
    public boolean contains(int listenerId) {
        if (words.length == 0) {
            return true;
        }
        int word = listenerId >>> 6;
        return word < words.length && (words[word] & (1L << listenerId)) != 0;
    }

    /** Whether every listener of the other set is in this one. */
    public boolean covers(ListenerSet other) {
        if (isAll()) {
            return true;
        }
        if (other.isAll()) {
            return false;
        }
        for (int i = 0; i < other.words.length; i++) {
            if ((other.words[i] & ~(i < words.length ? words[i] : 0)) != 0) {
                return false;
            }
        }
        return true;
    }

    /** The ids, ascending; empty for {@link #ALL}. */
    int[] ids() {
        return BitSet.valueOf(words).stream().toArray();
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof ListenerSet that && Arrays.equals(words, that.words);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(words);
    }

    @Override
    public String toString() {
        return isAll() ? "all" : BitSet.valueOf(words).toString();
    }
}
