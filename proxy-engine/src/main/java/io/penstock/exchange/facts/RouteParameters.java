package io.penstock.exchange.facts;

import io.penstock.http.RequestHead;
import io.penstock.mark.WorkerConfined;
import io.penstock.route.RouteLookup;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * What the template of the route took out of the path. Copied from the lookup, which the next request of the worker uses
 * again; offsets stay true when the path is rewritten, since edits of a head only append.
 */
@WorkerConfined
public final class RouteParameters {
    private String[] names = {};
    private int[] offsets = {};
    private int[] lengths = {};
    private int count;
    private Map<String, String> given = Map.of();

    /** Takes what the route's path has caught, before the lookup is used again. */
    public void take(RouteLookup lookup) {
        count = lookup.parameterCount();
        if (count > names.length) {
            names = new String[count];
            offsets = new int[count];
            lengths = new int[count];
        }
        for (int i = 0; i < count; i++) {
            names[i] = lookup.parameterName(i);
            offsets[i] = lookup.parameterOffset(i);
            lengths[i] = lookup.parameterLength(i);
        }
    }

    /** Takes texts that come from somewhere else than a lookup. */
    public void set(Map<String, String> texts) {
        given = Map.copyOf(texts);
    }

    /** The text taken for a name, empty if there is no such name. */
    public String value(String name, RequestHead head) {
        for (int i = 0; i < count; i++) {
            if (names[i].equals(name)) {
                return new String(head.bytes(), offsets[i], lengths[i], StandardCharsets.ISO_8859_1);
            }
        }
        return given.getOrDefault(name, "");
    }

    /** Forgets them. */
    public void reset() {
        count = 0;
    }
}
