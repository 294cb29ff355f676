package io.penstock.snapshot;

import io.penstock.config.NamedMap;
import io.penstock.config.ServiceConfig;
import io.penstock.filter.ErrorPages;
import io.penstock.limit.LimitPlan;
import io.penstock.route.RouteTable;
import java.util.Map;

/**
 * One revision compiled into what workers run. Immutable and shared by all workers; versions share whatever did not
 * change. A worker reaches it through its {@link SnapshotPin} only, which keeps the route table's memory alive.
 *
 * @param revision the revision's number
 * @param table from request to route id
 * @param routes from route id to route
 * @param passthrough which route takes a connection that is passed on as it is
 * @param listeners from listener id to listener
 * @param services every service by name, for copies of requests
 * @param limits every limit of the config by name, for filters that ask for one
 * @param consumers who may call, and by which credentials
 * @param pagesWithoutRoute what is shown in the place of errors of requests for which there is no route
 * @param hidden what is left out of everything that is written down of a request
 */
public record Snapshot(
        long revision,
        RouteTable table,
        DenseTable<RouteRuntime> routes,
        Passthroughs passthrough,
        DenseTable<ListenerRuntime> listeners,
        NamedMap<ServiceConfig> services,
        Map<String, LimitPlan> limits,
        ConsumerTable consumers,
        ErrorPages pagesWithoutRoute,
        HiddenParameters hidden) {}
