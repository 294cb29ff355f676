package io.penstock.http;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The protocols that {@code Upgrade} names (RFC 9110 section 7.8). Allocates: what it is asked about lasts long. */
public final class UpgradeField {
    /** RFC 6455 section 4.1. */
    public static final String WEBSOCKET = "websocket";

    /** As many as a well-meant request names, and more than are looked at. */
    private static final int PROTOCOLS_MAX = 8;

    private UpgradeField() {}

    /** The names in the order in which they stand, in lower case; of very many the first nine. */
    public static List<String> protocols(Fields fields) {
        List<String> names = new ArrayList<>(1);
        for (int i = fields.find(KnownField.UPGRADE); i >= 0; i = fields.find(KnownField.UPGRADE, i + 1)) {
            for (String element : fields.value(i).split(",", PROTOCOLS_MAX + 2)) {
                String name = element.strip().toLowerCase(Locale.ROOT);
                if (!name.isEmpty() && names.size() <= PROTOCOLS_MAX) {
                    names.add(name);
                }
            }
        }
        return names;
    }

    /** Whether an element names a protocol that is never changed to here: requests in it would pass unchecked. */
    static boolean namesUnheeded(Fields fields) {
        for (String name : protocols(fields)) {
            if (name.equals("h2c") || name.startsWith("tls/")) {
                return true;
            }
        }
        return false;
    }
}
