package io.penstock.plugin.kv;

import io.penstock.mark.WorkerConfined;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.TreeSet;
import java.util.function.Predicate;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A list of keys under way. The cells have no order, so all of them are gone through, part by part, keeping the first keys
 * seen so far: one more than wanted, which says whether there is more.
 */
@WorkerConfined
final class ShelfList {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final Cells cells;
    private final byte[] prefix;
    private final int frontLength;
    private final byte[] after;
    private final int limit;
    private final Predicate<byte[]> isLive;
    private final TreeSet<byte[]> found = new TreeSet<>(Arrays::compareUnsigned);
    private int part;

    /**
     * Begins one.
     *
     * @param prefix what names begin with
     * @param frontLength how much of a name is not the key
     * @param after only names behind this
     */
    ShelfList(Cells cells, byte[] prefix, int frontLength, byte[] after, int limit, Predicate<byte[]> isLive) {
        this.cells = cells;
        this.prefix = prefix;
        this.frontLength = frontLength;
        this.after = after;
        this.limit = limit;
        this.isLive = isLive;
    }

    /** Goes through one part; whether it was the last. */
    boolean step() {
        cells.visit(part++, (name, value) -> {
            if (isWanted(name) && isLive.test(value)) {
                found.add(name);
                if (found.size() > limit + 1) {
                    found.pollLast();
                }
            }
            return false;
        });
        return part >= cells.parts();
    }

    private boolean isWanted(byte[] name) {
        return name.length >= prefix.length
                && Arrays.equals(name, 0, prefix.length, prefix, 0, prefix.length)
                && (after.length == frontLength || Arrays.compareUnsigned(name, after) > 0);
    }

    /** The list, once the last step is done. */
    String json() {
        boolean isMore = found.size() > limit;
        if (isMore) {
            found.pollLast();
        }
        ObjectNode list = JSON.createObjectNode();
        ArrayNode keys = list.putArray("keys");
        for (byte[] name : found) {
            keys.add(key(name));
        }
        if (isMore) {
            list.put("cursor", key(found.last()));
        }
        return list.toString();
    }

    private String key(byte[] name) {
        return new String(name, frontLength, name.length - frontLength, StandardCharsets.UTF_8);
    }
}
