package io.penstock.plugin.kv;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Cells that end with the process, for trials of plugins. */
final class HeapCells implements Cells {
    // Octets as Latin-1, since arrays are no keys.
    private final Map<String, byte[]> cells = new HashMap<>();

    private static String name(byte[] key) {
        return new String(key, StandardCharsets.ISO_8859_1);
    }

    @Override
    public byte @Nullable [] get(byte[] key) {
        return cells.get(name(key));
    }

    @Override
    public void put(byte[] key, byte[] value) {
        cells.put(name(key), value);
    }

    @Override
    public void remove(byte[] key) {
        cells.remove(name(key));
    }

    @Override
    public int parts() {
        return 1;
    }

    @Override
    public void visit(int part, Visitor visitor) {
        cells.entrySet()
                .removeIf(cell ->
                        visitor.isToRemove(cell.getKey().getBytes(StandardCharsets.ISO_8859_1), cell.getValue()));
    }

    @Override
    public void close() {
        cells.clear();
    }
}
