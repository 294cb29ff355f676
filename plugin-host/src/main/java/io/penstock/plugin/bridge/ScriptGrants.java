package io.penstock.plugin.bridge;

import java.util.Set;

/**
 * What the manifest lets a script do beyond its own exchange, and how much of it.
 *
 * @param fetch where it may send requests
 * @param namespaces of the store that it may use
 * @param upstreams that it may send exchanges and requests to though the route does not name them
 * @param bodyBytesMax the longest body that a hook may ask for
 * @param wallNs how long one of its own requests may take, in nanoseconds
 */
public record ScriptGrants(
        FetchGrant fetch, Set<String> namespaces, Set<String> upstreams, int bodyBytesMax, long wallNs) {
    /** Nothing. */
    public static final ScriptGrants NONE = new ScriptGrants(FetchGrant.NONE, Set.of(), Set.of(), 0, 0);

    public ScriptGrants {
        namespaces = Set.copyOf(namespaces);
        upstreams = Set.copyOf(upstreams);
    }
}
