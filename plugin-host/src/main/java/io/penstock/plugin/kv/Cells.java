package io.penstock.plugin.kv;

import org.jspecify.annotations.Nullable;

/** Octets by octets: where a {@link Shelf} keeps its entries. Confined to one thread. */
interface Cells extends AutoCloseable {
    /** The value of a key; null if there is none. */
    byte @Nullable [] get(byte[] key);

    /**
     * Writes a value.
     *
     * @throws StoreRefusedException if there is no room; nothing changed then
     */
    void put(byte[] key, byte[] value) throws StoreRefusedException;

    /** Removes a key. */
    void remove(byte[] key);

    /** Into how many parts the whole is cut for {@link #visit}; one part is a moment's work. */
    int parts();

    /** Shows every entry of a part. */
    void visit(int part, Visitor visitor);

    @Override
    void close();

    /** Sees entries. */
    interface Visitor {
        /** Sees one entry; whether to remove it. Must not call the cells. */
        boolean isToRemove(byte[] key, byte[] value);
    }
}
