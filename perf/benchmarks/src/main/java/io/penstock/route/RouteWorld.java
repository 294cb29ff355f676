package io.penstock.route;

import io.penstock.config.PathMatch;
import io.penstock.config.RouteMatch;
import java.util.List;

/** Tables of any size whose routes look alike, and requests for them. */
public enum RouteWorld {
    /** Prefixes under one host. */
    PATHS {
        @Override
        RouteMatch match(int route) {
            return RouteMatch.of("api.shop.example", PathMatch.prefix("/tenants/t" + route + "/orders"));
        }

        @Override
        HeadBytes request(int route) {
            return new HeadBytes("api.shop.example", "/tenants/t" + route + "/orders/4711/items");
        }
    },
    /** A host each, with all its paths. */
    HOSTS {
        @Override
        RouteMatch match(int route) {
            return RouteMatch.of("tenant-" + route + ".shop.example", PathMatch.prefix("/"));
        }

        @Override
        HeadBytes request(int route) {
            return new HeadBytes("tenant-" + route + ".shop.example", "/orders/4711/items");
        }
    },
    /** Templates with methods, a hundred under each host. */
    TEMPLATES {
        @Override
        RouteMatch match(int route) {
            return new RouteMatch(
                    List.of("s" + route / 100 + ".shop.example"),
                    PathMatch.template("/v1/t" + route + "/users/{id}"),
                    List.of("GET", "POST"),
                    List.of(),
                    List.of(),
                    List.of());
        }

        @Override
        HeadBytes request(int route) {
            return new HeadBytes("s" + route / 100 + ".shop.example", "/v1/t" + route + "/users/4711");
        }
    };

    abstract RouteMatch match(int route);

    abstract HeadBytes request(int route);

    RouteEntry entry(int route, int priority) {
        return new RouteEntry(route, "route-" + route, priority, ListenerSet.ALL, List.of(match(route)));
    }

    RouteTableWriter writer(int routes) {
        RouteTableWriter writer = new RouteTableWriter();
        for (int i = 0; i < routes; i++) {
            writer.put(entry(i, 0));
        }
        return writer;
    }
}
