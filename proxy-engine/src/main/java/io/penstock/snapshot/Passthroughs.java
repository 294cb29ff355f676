package io.penstock.snapshot;

import io.penstock.mark.SharedByWorkers;
import io.penstock.transport.tls.ServerNames;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which route takes a connection that is passed on as it is. Immutable.
 *
 * @param byListener by the listener's id: the route's id by server name, -1 for none
 */
@SharedByWorkers
public record Passthroughs(Map<Integer, ServerNames<Integer>> byListener) {
    /** No such route. */
    static final Passthroughs NONE = new Passthroughs(Map.of());

    /** The id of the route that takes a connection; -1 for none. */
    public int routeId(int listenerId, @Nullable String serverName) {
        ServerNames<Integer> names = byListener.get(listenerId);
        Integer route = names == null ? null : names.of(serverName);
        return route == null ? -1 : route;
    }
}
