package io.penstock.snapshot;

import java.util.Arrays;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * An immutable table from small dense ids to values, whose versions share all pages that no edit touched: an edit copies
 * one page and the list of pages, so that it costs the same with ten routes and nearly the same with a million.
 */
public final class DenseTable<T> {
    private static final int PAGE_BITS = 9;
    private static final int PAGE_SIZE = 1 << PAGE_BITS;
    private static final int PAGE_MASK = PAGE_SIZE - 1;

    private final @Nullable Object[] @Nullable [] pages;

    private DenseTable(@Nullable Object[] @Nullable [] pages) {
        this.pages = pages;
    }

    /** A table without values. */
    public static <T> DenseTable<T> empty() {
        return new DenseTable<>(new Object[0][]);
    }

    /** The value of an id, or null where there is none. Any thread; two array reads. */
    @SuppressWarnings("unchecked") // Only Edit#set puts values in, and it takes a T.
    public @Nullable T get(int id) {
        int page = id >>> PAGE_BITS;
        if (page >= pages.length) {
            return null;
        }
        @Nullable Object @Nullable [] values = pages[page];
        return values == null ? null : (T) values[id & PAGE_MASK];
    }

    /** Each value, in the order of the ids. */
    @SuppressWarnings("unchecked") // As in get.
    void forEach(Consumer<? super T> action) {
        for (@Nullable Object @Nullable [] values : pages) {
            for (int i = 0; values != null && i < values.length; i++) {
                if (values[i] != null) {
                    action.accept((T) values[i]);
                }
            }
        }
    }

    /** Begins an edit; this table stays as it is. */
    public Edit<T> edit() {
        return new Edit<>(pages);
    }

    /** A version in the making; used by one thread. Copies each page at most once. */
    public static final class Edit<T> {
        private @Nullable Object[] @Nullable [] pages;
        private boolean[] isOwn;

        private Edit(@Nullable Object[] @Nullable [] pages) {
            this.pages = pages.clone();
            this.isOwn = new boolean[pages.length];
        }

        /** Puts a value, or removes it with null. */
        public void set(int id, @Nullable T value) {
            int page = id >>> PAGE_BITS;
            if (page >= pages.length) {
                int length = Math.max(page + 1, pages.length + (pages.length >> 1));
                pages = Arrays.copyOf(pages, length);
                isOwn = Arrays.copyOf(isOwn, length);
            }
            @Nullable Object @Nullable [] values = pages[page];
            if (values == null) {
                values = new Object[PAGE_SIZE];
            } else if (!isOwn[page]) {
                values = values.clone();
            }
            isOwn[page] = true;
            values[id & PAGE_MASK] = value;
            pages[page] = values;
        }

        /** The new version. The edit must not be used afterwards. */
        public DenseTable<T> done() {
            return new DenseTable<>(pages);
        }
    }
}
