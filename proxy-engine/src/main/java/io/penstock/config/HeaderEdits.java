package io.penstock.config;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Changes of header fields: first rename, then remove, set and add. */
public record HeaderEdits(
        @Doc("Fields that are called otherwise afterwards: `{old: new}`; fields that came with the new name give way.")
        Map<String, String> rename,

        @Doc("Fields that have this one value afterwards; may hold placeholders such as `{header.X-Id}`.")
        Map<String, String> set,

        @Doc("Fields that get one more value; may hold placeholders.")
        Map<String, String> add,

        @Doc("Fields that are taken away.") List<String> remove) {
    /** What holds when nothing is written. */
    public static final HeaderEdits DEFAULTS = RecordDefaults.of(HeaderEdits.class);

    public HeaderEdits {
        rename = HeaderEdits.inOrder(rename);
        set = HeaderEdits.inOrder(set);
        add = HeaderEdits.inOrder(add);
        remove = List.copyOf(remove);
    }

    /** Without renaming. */
    public HeaderEdits(Map<String, String> set, Map<String, String> add, List<String> remove) {
        this(Map.of(), set, add, remove);
    }

    // Map.copyOf would forget the order, and what the operator wrote first is expected first in an export.
    static Map<String, String> inOrder(Map<String, String> fields) {
        return Collections.unmodifiableMap(new LinkedHashMap<>(fields));
    }
}
