package io.penstock.config;

import java.util.List;
import java.util.Map;

/** Changes of query parameters: first rename, then remove, set and add. Names are written decoded. */
public record QueryEdits(
        @Doc("Parameters that are called otherwise afterwards: `{old: new}`; their values stay as they came.")
        Map<String, String> rename,

        @Doc("Parameters that are taken away.") List<String> remove,

        @Doc("Parameters that have this one value afterwards; may hold placeholders.")
        Map<String, String> set,

        @Doc("Parameters that get one more value; may hold placeholders.")
        Map<String, String> add) {
    /** What holds when nothing is written. */
    public static final QueryEdits DEFAULTS = RecordDefaults.of(QueryEdits.class);

    public QueryEdits {
        rename = HeaderEdits.inOrder(rename);
        remove = List.copyOf(remove);
        set = HeaderEdits.inOrder(set);
        add = HeaderEdits.inOrder(add);
    }

    /** Whether nothing is changed. */
    public boolean isEmpty() {
        return rename.isEmpty() && remove.isEmpty() && set.isEmpty() && add.isEmpty();
    }
}
