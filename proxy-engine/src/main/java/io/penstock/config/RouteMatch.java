package io.penstock.config;

import java.util.List;

/** One way into a route: every condition written must hold. */
public record RouteMatch(
        @Doc("Hosts, exact or *.suffix for any depth below; empty means every host.")
        List<String> hosts,

        @Doc("The path.") PathMatch path,
        @Doc("Methods; empty means every method.") List<String> methods,
        @Doc("Conditions on headers.") List<FieldMatch> headers,
        @Doc("Conditions on query parameters.") List<FieldMatch> query,
        @Doc("Client addresses; empty means every client.") List<Cidr> sources,

        @Doc(
                "Server names of TLS that is passed on, exact or *.suffix for one label; empty means all that no other route names.")
        List<String> snis) {
    /** What holds when nothing is written. */
    public static final RouteMatch DEFAULTS = RecordDefaults.of(RouteMatch.class);

    public RouteMatch {
        hosts = List.copyOf(hosts);
        methods = List.copyOf(methods);
        headers = List.copyOf(headers);
        query = List.copyOf(query);
        sources = List.copyOf(sources);
        snis = List.copyOf(snis);
    }

    /** A way in for requests. */
    public RouteMatch(
            List<String> hosts,
            PathMatch path,
            List<String> methods,
            List<FieldMatch> headers,
            List<FieldMatch> query,
            List<Cidr> sources) {
        this(hosts, path, methods, headers, query, sources, List.of());
    }

    /** A way in for TLS that is passed on, by server name. */
    public static RouteMatch ofNames(List<String> snis) {
        return new RouteMatch(List.of(), PathMatch.DEFAULTS, List.of(), List.of(), List.of(), List.of(), snis);
    }

    /** Every request whose path fits. */
    public static RouteMatch of(PathMatch path) {
        return new RouteMatch(List.of(), path, List.of(), List.of(), List.of(), List.of());
    }

    /** Every request for the host whose path fits. */
    public static RouteMatch of(String host, PathMatch path) {
        return new RouteMatch(List.of(host), path, List.of(), List.of(), List.of(), List.of());
    }
}
