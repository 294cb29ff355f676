package io.penstock.worker;

import io.penstock.discovery.OutcomeReport;
import io.penstock.snapshot.DomainProofs;

/** What a worker tells the control thread. */
public sealed interface WorkerReply {
    /** Which worker says so, from 0. */
    int worker();

    /** The worker serves this revision. */
    record Adopted(int worker, long revision) implements WorkerReply {}

    /** The socket of a listener that is gone has been closed, its backlog accepted. */
    record ListenerClosed(int worker, int listenerId) implements WorkerReply {}

    /** What became of requests at the endpoints of an upstream whose health is watched. */
    record Observed(int worker, OutcomeReport report) implements WorkerReply {}

    /** Certificate authorities that ask this worker are shown these from now on. */
    record ProofsShown(int worker, DomainProofs proofs) implements WorkerReply {}

    /** No connection is left after {@link WorkerCommand.Drain}. */
    record Drained(int worker) implements WorkerReply {}

    /** The worker has let go of everything after {@link WorkerCommand.Stop}. */
    record Stopped(int worker) implements WorkerReply {}
}
