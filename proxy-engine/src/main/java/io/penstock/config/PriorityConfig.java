package io.penstock.config;

import java.util.List;

/** Requests of one priority: all kinds of conditions that are written must hold. */
public record PriorityConfig(
        @Doc("What the class is called in the trail.") String name,

        @Doc("Groups that the caller belongs to, as auth found out; one is enough.")
        List<String> groups,

        @Doc("Consumers, as auth found out; one is enough.") List<String> consumers,

        @Doc("Conditions on headers: exact, present or absent; each must hold.")
        List<FieldMatch> headers,

        @Doc("Routes, by name; one is enough, and a name that no route has fits none.")
        List<String> routes) {
    public PriorityConfig {
        groups = List.copyOf(groups);
        consumers = List.copyOf(consumers);
        headers = List.copyOf(headers);
        routes = List.copyOf(routes);
        new ValueChecks().name("name", name).end();
    }

    /** Requests with a header of that value. */
    public static PriorityConfig byHeader(String name, FieldMatch... headers) {
        return new PriorityConfig(name, List.of(), List.of(), List.of(headers), List.of());
    }

    /** Requests of consumers in one of these groups. */
    public static PriorityConfig byGroup(String name, String... groups) {
        return new PriorityConfig(name, List.of(groups), List.of(), List.of(), List.of());
    }
}
