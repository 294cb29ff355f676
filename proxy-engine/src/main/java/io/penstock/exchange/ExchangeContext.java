package io.penstock.exchange;

import io.penstock.exchange.admission.AdmissionGates;
import io.penstock.exchange.facts.EpochClock;
import io.penstock.exchange.limits.LimitCheck;
import io.penstock.http.ClientAddress;
import io.penstock.http.Fields;
import io.penstock.http.LoopMark;
import io.penstock.http.RequestId;
import io.penstock.http.ResponseHead;
import io.penstock.mark.WorkerConfined;
import io.penstock.metrics.WorkerMeters;
import io.penstock.route.RouteLookup;
import io.penstock.snapshot.ProofBoard;
import io.penstock.snapshot.SnapshotPins;
import io.penstock.spi.FilterWorker;
import io.penstock.transport.Loop;
import io.penstock.transport.TimerWheel;
import io.penstock.upstream.Mirrors;
import io.penstock.upstream.Upstreams;

/**
 * What every exchange of a worker uses. Assembled once by the worker; what keeps a result between two calls (lookup,
 * client address, limit check) is read before the next exchange can use it.
 *
 * @param loop the worker's loop and clock
 * @param worker what filters may ask of the worker
 * @param pins the snapshots in use
 * @param upstreams where requests go
 * @param lookup finds routes
 * @param clientAddress finds the client behind trusted peers
 * @param limits takes permits of rate limits
 * @param gates let exchanges past admission
 * @param requestIds makes request ids
 * @param epochClock the time of day
 * @param meters counters, latencies, the access log's ring
 * @param noFields a section without fields, never written to
 * @param continueHead for a 100 of our own
 * @param backends chooses between services that share a route
 * @param mirrors copies of requests on their way to other services
 * @param codings counts bodies that are decoded
 * @param consumers finds who calls
 * @param grpcWeb where calls of gRPC-Web are put into other words
 * @param filterMeter what hooks of the gateway's own filters cost
 * @param proofs what is shown to certificate authorities
 * @param loopMark what is forwarded bears it
 */
@WorkerConfined
public record ExchangeContext(
        Loop loop,
        FilterWorker worker,
        SnapshotPins pins,
        Upstreams upstreams,
        RouteLookup lookup,
        ClientAddress clientAddress,
        LimitCheck limits,
        AdmissionGates gates,
        RequestId requestIds,
        EpochClock epochClock,
        WorkerMeters meters,
        Fields noFields,
        ResponseHead continueHead,
        BackendChoice backends,
        Mirrors mirrors,
        OpenCodings codings,
        ConsumerLookup consumers,
        GrpcWebMemory grpcWeb,
        FilterMeter filterMeter,
        ProofBoard proofs,
        LoopMark loopMark) {
    TimerWheel wheel() {
        return loop.wheel();
    }

    long nowNs() {
        return loop.nowNs();
    }
}
