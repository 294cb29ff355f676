package io.penstock.worker;

import io.penstock.discovery.EndpointSet;
import io.penstock.discovery.UpstreamHealth;
import io.penstock.downstream.BalancedAcceptor;
import io.penstock.snapshot.FilterSlot;
import io.penstock.snapshot.ListenerRuntime;
import io.penstock.snapshot.Snapshot;
import io.penstock.transport.BoundSocket;
import io.penstock.upstream.UpstreamPlan;
import java.util.List;
import java.util.Optional;

/** All that other threads may ask of a worker. Immutable; carried out on the worker, in the order posted; none can fail. */
public sealed interface WorkerCommand {
    /**
     * Makes a revision current.
     *
     * @param upstreams what the pools are reconciled with
     * @param retired filters of earlier revisions that this one does not run
     * @param opened listeners that are new, each with a socket bound for this worker where it accepts itself
     * @param closed ids of listeners that are gone
     */
    record AdoptSnapshot(
            Snapshot snapshot,
            UpstreamPlan upstreams,
            List<FilterSlot> retired,
            List<ListenerOpening> opened,
            List<Integer> closed)
            implements WorkerCommand {}

    /**
     * A listener to open.
     *
     * @param socket absent where another worker accepts for this one
     * @param balanced absent where each worker keeps what it accepts
     */
    record ListenerOpening(
            ListenerRuntime listener, Optional<BoundSocket> socket, Optional<BalancedAcceptor> balanced) {}

    /** The endpoints of an upstream have changed without a revision. */
    record UpdateEndpoints(EndpointSet endpoints) implements WorkerCommand {}

    /** The health of an upstream's endpoints is another than before. */
    record SetHealth(UpstreamHealth health) implements WorkerCommand {}

    /** Accept nothing new, answer what runs, end idle connections; replies {@link WorkerReply.Drained} when none is left. */
    record Drain() implements WorkerCommand {}

    /** Cut what is still open and let go of everything. */
    record Stop() implements WorkerCommand {}
}
