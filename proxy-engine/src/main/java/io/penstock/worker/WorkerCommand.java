package io.penstock.worker;

import io.penstock.discovery.EndpointSet;
import io.penstock.discovery.UpstreamHealth;
import io.penstock.downstream.BalancedAcceptor;
import io.penstock.snapshot.DomainProofs;
import io.penstock.snapshot.FilterSlot;
import io.penstock.snapshot.ListenerRuntime;
import io.penstock.snapshot.Snapshot;
import io.penstock.transport.BoundSocket;
import io.penstock.transport.DatagramSocket;
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
     * @param sockets what this worker accepts from: none where another does for it, several after a restart with fewer workers
     * @param balanced absent where each worker keeps what it accepts
     * @param datagrams where this worker answers to QUIC: none where the listener does not, several after such a restart
     */
    record ListenerOpening(
            ListenerRuntime listener,
            List<BoundSocket> sockets,
            Optional<BalancedAcceptor> balanced,
            List<DatagramSocket> datagrams) {
        public ListenerOpening {
            sockets = List.copyOf(sockets);
            datagrams = List.copyOf(datagrams);
        }
    }

    /** The endpoints of an upstream have changed without a revision. */
    record UpdateEndpoints(EndpointSet endpoints) implements WorkerCommand {}

    /** The health of an upstream's endpoints is another than before. */
    record SetHealth(UpstreamHealth health) implements WorkerCommand {}

    /** What certificate authorities are shown is another than before. */
    record ShowProofs(DomainProofs proofs) implements WorkerCommand {}

    /** Leave what comes in the backlogs: of an engine that takes another's place and is not ready to. */
    record HoldBack() implements WorkerCommand {}

    /** Accept what comes, after {@link HoldBack}. */
    record Admit() implements WorkerCommand {}

    /**
     * Accept nothing new, answer what runs, end idle connections; replies {@link WorkerReply.Drained} when none is left.
     *
     * @param idleMaxNs how long a connection without a request waits for one more, to which it answers that it ends
     */
    record Drain(long idleMaxNs) implements WorkerCommand {}

    /** Cut what is still open and let go of everything. */
    record Stop() implements WorkerCommand {}
}
