package io.penstock.snapshot;

import io.penstock.filter.CorsPolicy;
import io.penstock.filter.ErrorPages;
import io.penstock.limit.AdmissionPlan;
import io.penstock.limit.RetryPlan;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One route compiled: all that an exchange needs once the route is known. Immutable; an exchange holds it to its end,
 * also when the table it was found in is long gone. The arrays are never written after construction.
 *
 * @param nameBytes the name in UTF-8
 * @param id dense id, also the index of the route's metrics
 * @param backend which of several services this is for
 * @param filters the chain, outer first, sorted by phase
 * @param held the filters that it has a share in as long as it is there: of one that leads to several, those of all of them
 * @param authenticators which of the chain find out who calls
 * @param errorPages what is shown in the place of errors
 * @param cors what is said of pages of other origins, null for nothing
 * @param limits what has to have room for the request
 * @param admission how many exchanges go on at once; null if without bound
 * @param bodyMaxBytes the longest request body, {@link Long#MAX_VALUE} for none
 * @param totalTimeoutNs how long the exchange may take, 0 for no bound
 * @param tunnel what may become a tunnel, and for how long
 * @param retries what it wants otherwise than its upstream
 * @param allowsEncodedSlashes whether the canonical path may hold %2F, %5C or %25
 * @param translatesGrpcWeb whether calls of gRPC-Web become calls of gRPC
 */
@SuppressWarnings(
        "ArrayRecordComponent") // Compared by identity only; an immutable list would cost an iterator per request.
public record RouteRuntime(
        String name,
        byte[] nameBytes,
        int id,
        RouteAction action,
        BackendRef backend,
        FilterSlot[] filters,
        FilterSlot[] held,
        Authenticators authenticators,
        ErrorPages errorPages,
        @Nullable CorsPolicy cors,
        RouteLimits limits,
        @Nullable AdmissionPlan admission,
        long bodyMaxBytes,
        long totalTimeoutNs,
        TunnelPlan tunnel,
        RetryPlan retries,
        boolean allowsEncodedSlashes,
        boolean translatesGrpcWeb) {
    /** The route that leads to this and others, and holds the filters of all of them as long as it is there. */
    RouteRuntime leadingTo(BackendSplit split, FilterSlot[] all) {
        return new RouteRuntime(
                name,
                nameBytes,
                id,
                new RouteAction.Split(split),
                BackendRef.NONE,
                filters,
                all,
                authenticators,
                errorPages,
                cors,
                limits,
                admission,
                bodyMaxBytes,
                totalTimeoutNs,
                tunnel,
                retries,
                allowsEncodedSlashes,
                translatesGrpcWeb);
    }

    /**
     * What holds until one of several services is chosen by who calls: no bound is closer than the widest of theirs, and it holds
     * their filters beside its own.
     */
    RouteRuntime untilChosen(BackendSplit split, List<FilterSlot> theirs) {
        long longestBody = 0;
        long longestNs = 0;
        boolean isBounded = true;
        for (int i = 0; i < split.size(); i++) {
            RouteRuntime way = split.way(i);
            longestBody = Math.max(longestBody, way.bodyMaxBytes);
            longestNs = Math.max(longestNs, way.totalTimeoutNs);
            isBounded &= way.totalTimeoutNs > 0;
        }
        List<FilterSlot> all = new ArrayList<>(List.of(filters));
        all.addAll(theirs);
        return new RouteRuntime(
                name,
                nameBytes,
                id,
                new RouteAction.Split(split),
                BackendRef.NONE,
                filters,
                all.toArray(new FilterSlot[0]),
                authenticators,
                errorPages,
                cors,
                limits,
                null,
                longestBody,
                isBounded ? longestNs : 0,
                tunnel,
                retries,
                allowsEncodedSlashes,
                translatesGrpcWeb);
    }
}
