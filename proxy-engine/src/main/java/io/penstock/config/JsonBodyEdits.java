package io.penstock.config;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Changes of one JSON body: first rename, then remove and set. A pointer that leads nowhere changes nothing. */
public record JsonBodyEdits(
        @Doc(
                "Whether a body of XML is made JSON first. Attributes become members `@name`, text beside elements `#text`, repeated "
                        + "elements an array; all values are texts.")
        @Default("false")
        boolean fromXml,

        @Doc("Members that are called otherwise afterwards: `{\"/a/old\": new}`.")
        Map<String, String> rename,

        @Doc("Values that are taken away, by JSON Pointer (RFC 6901).")
        List<String> remove,

        @Doc(
                "Values by JSON Pointer: `{\"/a/b\": 1, \"/list/-\": {\"by\": \"{consumer}\"}}`. Texts may hold placeholders; objects on the "
                        + "way are made where they are missing.")
        Optional<JsonText> set) {
    /** What holds when nothing is written. */
    public static final JsonBodyEdits DEFAULTS = RecordDefaults.of(JsonBodyEdits.class);

    public JsonBodyEdits {
        rename = HeaderEdits.inOrder(rename);
        remove = List.copyOf(remove);
    }

    /** Whether nothing is changed. */
    public boolean isEmpty() {
        return !fromXml && rename.isEmpty() && remove.isEmpty() && set.isEmpty();
    }
}
