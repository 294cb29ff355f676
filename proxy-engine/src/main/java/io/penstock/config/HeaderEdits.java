package io.penstock.config;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Changes of header fields: first remove, then set, then add. */
public record HeaderEdits(
        @Doc("Fields that have this one value afterwards.") Map<String, String> set,
        @Doc("Fields that get one more value.") Map<String, String> add,
        @Doc("Fields that are taken away.") List<String> remove) {
    /** What holds when nothing is written. */
    public static final HeaderEdits DEFAULTS = RecordDefaults.of(HeaderEdits.class);

    public HeaderEdits {
        set = HeaderEdits.inOrder(set);
        add = HeaderEdits.inOrder(add);
        remove = List.copyOf(remove);
    }

    // Map.copyOf would forget the order, and what the operator wrote first is expected first in an export.
    static Map<String, String> inOrder(Map<String, String> fields) {
        return Collections.unmodifiableMap(new LinkedHashMap<>(fields));
    }
}
