package io.penstock.config;

import java.util.List;

/**
 * Which clients may use a route, by their address behind trusted proxies. A list that is denied wins over one that is
 * allowed, whichever is more specific: an address blocked in a hurry stays blocked.
 */
public record AccessConfig(
        @Doc("Blocks of addresses that may pass; empty for all that are not denied.")
        List<Cidr> allow,

        @Doc("Blocks of addresses that may not pass, also where allow names them.")
        List<Cidr> deny)
        implements LevelFilterConfig {
    /** So many blocks a list may have. */
    public static final int BLOCKS_MAX = 100_000;

    public AccessConfig {
        allow = List.copyOf(allow);
        deny = List.copyOf(deny);
        new ValueChecks()
                .count("allow", "blocks", allow.size(), BLOCKS_MAX)
                .count("deny", "blocks", deny.size(), BLOCKS_MAX)
                .end();
    }

    @Override
    public String type() {
        return "access";
    }

    // Asked for each route that inherits the lists, which may be long; equality tells apart what falls together here.
    @Override
    public int hashCode() {
        int hash = 31 * allow.size() + deny.size();
        hash = allow.isEmpty() ? hash : 31 * hash + allow.getLast().hashCode();
        return deny.isEmpty() ? hash : 31 * hash + deny.getLast().hashCode();
    }
}
