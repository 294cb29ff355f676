package io.penstock.config;

import java.util.List;

/** One way into a route: every condition written must hold. */
@Planned({"snis"})
public record RouteMatch(
        @Doc("Hosts, exact or *.suffix for any depth below; empty means every host.")
        List<String> hosts,

        @Doc("The path.") PathMatch path,
        @Doc("Methods; empty means every method.") List<String> methods,
        @Doc("Conditions on headers.") List<FieldMatch> headers,
        @Doc("Conditions on query parameters.") List<FieldMatch> query,
        @Doc("Client addresses; empty means every client.") List<Cidr> sources) {
    /** What holds when nothing is written. */
    public static final RouteMatch DEFAULTS = RecordDefaults.of(RouteMatch.class);

    public RouteMatch {
        hosts = List.copyOf(hosts);
        methods = List.copyOf(methods);
        headers = List.copyOf(headers);
        query = List.copyOf(query);
        sources = List.copyOf(sources);
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
