package io.penstock.engine;

import io.penstock.cores.CoreAffinity;
import io.penstock.discovery.DnsLookup;
import io.penstock.discovery.EndpointSet;
import io.penstock.discovery.OutcomeReport;
import io.penstock.discovery.UpstreamHealth;
import io.penstock.downstream.BalancedAcceptor;
import io.penstock.metrics.AccessLog;
import io.penstock.metrics.Counter;
import io.penstock.metrics.Metrics;
import io.penstock.metrics.WorkerMeters;
import io.penstock.snapshot.DomainProofs;
import io.penstock.snapshot.FilterSlot;
import io.penstock.snapshot.ListenerRuntime;
import io.penstock.snapshot.Snapshot;
import io.penstock.spi.WorkerId;
import io.penstock.transport.Loop;
import io.penstock.transport.Transport;
import io.penstock.upstream.UpstreamPlan;
import io.penstock.worker.SharedTables;
import io.penstock.worker.Worker;
import io.penstock.worker.WorkerCommand;
import io.penstock.worker.WorkerHandle;
import io.penstock.worker.WorkerReply;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** All workers of an engine: what is posted to them, and what they have said. Control thread, but for the futures. */
final class Workers {
    private static final Logger LOG = LoggerFactory.getLogger(Workers.class);

    private final EngineOptions options;
    private final Transport transport;
    private final Metrics metrics;
    private final ControlLoop control;
    private final Runnable changed;
    private final Consumer<OutcomeReport> observes;
    private final List<Loop> loops = new ArrayList<>();
    private final List<WorkerHandle> handles = new ArrayList<>();
    private final List<Adoption> adoptions = new ArrayList<>();
    private final List<Showing> showings = new ArrayList<>();
    private final long[] adoptedRevisions;
    // Null where workers run on any core.
    private @Nullable CoreAffinity affinity;
    private int closing;
    private final BitSet drained = new BitSet();
    private final CompletableFuture<Void> allDrained = new CompletableFuture<>();
    private final BitSet stopped = new BitSet();
    private final CompletableFuture<Void> allStopped = new CompletableFuture<>();

    /**
     * No worker yet.
     *
     * @param changed told on the control thread when a worker serves another revision
     * @param observes told on the control thread what became of requests at endpoints
     */
    Workers(
            EngineOptions options,
            Transport transport,
            Metrics metrics,
            ControlLoop control,
            Runnable changed,
            Consumer<OutcomeReport> observes) {
        this.options = options;
        this.transport = transport;
        this.metrics = metrics;
        this.control = control;
        this.changed = changed;
        this.observes = observes;
        this.adoptedRevisions = new long[options.workers()];
    }

    /** Makes them all; they serve nothing until a revision is published. */
    void start(SharedTables tables, AccessLog accessLog, Snapshot first, DnsLookup dns, RandomGenerator random) {
        if (options.cores().isForEachWorker()) {
            affinity = CoreAffinity.ofThisSystem();
            if (!options.cores().others().isEmpty()) {
                affinity.confineAll(options.cores().others());
            }
        }
        for (int index = 0; index < options.workers(); index++) {
            Loop loop = transport.newLoop(name(index));
            confine(loop, index);
            WorkerMeters meters = new WorkerMeters(
                    metrics.counters(index),
                    metrics.requestLatency(index),
                    metrics.upstreamLatency(index),
                    metrics.admissionWait(index),
                    accessLog.publisher(index),
                    metrics.heads(index));
            loops.add(loop);
            handles.add(Worker.create(
                    new WorkerId(index, options.workers()),
                    loop,
                    tables,
                    meters,
                    first,
                    dns,
                    options.clock(),
                    random.nextLong(),
                    reply -> control.post(() -> take(reply))));
        }
        if (options.inherited().isPresent()) {
            post(new WorkerCommand.HoldBack());
        }
    }

    private void confine(Loop loop, int worker) {
        CoreAffinity kernel = affinity;
        if (kernel == null) {
            return;
        }
        int core = options.cores().workers().get(worker);
        loop.post(() -> {
            if (!kernel.runOn(core)) {
                LOG.error("worker {} cannot be kept to core {}; it runs where the kernel wants", worker, core);
            }
        });
    }

    static String name(int index) {
        return "penstock-worker-" + index;
    }

    /** Posts a revision, and behind it the endpoints that came with it and what is known of their health. */
    Adoption adopt(
            Snapshot snapshot,
            Prepared prepared,
            List<FilterSlot> retired,
            List<EndpointSet> endpoints,
            List<UpstreamHealth> health) {
        Adoption adoption = new Adoption(snapshot.revision(), handles.size());
        adoptions.add(adoption);
        UpstreamPlan upstreams = prepared.upstreams;
        closing += prepared.draft.closed().size() * handles.size();
        List<BalancedOpening> balanced = balancedOpenings(prepared.sockets);
        for (WorkerHandle worker : handles) {
            worker.post(new WorkerCommand.AdoptSnapshot(
                    snapshot,
                    upstreams,
                    retired,
                    openings(prepared.sockets, balanced, worker.id().index()),
                    prepared.draft.closed()));
            for (EndpointSet set : endpoints) {
                worker.post(new WorkerCommand.UpdateEndpoints(set));
            }
            for (UpstreamHealth upstream : health) {
                worker.post(new WorkerCommand.SetHealth(upstream));
            }
        }
        return adoption;
    }

    private record BalancedOpening(ListenerRuntime listener, BalancedAcceptor acceptor) {}

    private List<BalancedOpening> balancedOpenings(PreparedSockets sockets) {
        List<BalancedOpening> balanced = new ArrayList<>();
        for (ListenerRuntime listener : sockets.listeners()) {
            if (PreparedSockets.isBalanced(listener)) {
                balanced.add(new BalancedOpening(
                        listener,
                        WorkerHandle.balanced(
                                listener,
                                handles,
                                worker -> metrics.counters(worker).value(Counter.CONNECTIONS_OPEN))));
            }
        }
        return balanced;
    }

    private static List<WorkerCommand.ListenerOpening> openings(
            PreparedSockets sockets, List<BalancedOpening> balanced, int worker) {
        List<WorkerCommand.ListenerOpening> openings = new ArrayList<>();
        for (ListenerRuntime listener : sockets.listeners()) {
            Optional<BalancedAcceptor> acceptor = balanced.stream()
                    .filter(opening -> opening.listener().id() == listener.id())
                    .map(BalancedOpening::acceptor)
                    .findFirst();
            openings.add(new WorkerCommand.ListenerOpening(
                    listener, sockets.socketsOf(listener, worker), acceptor, sockets.datagramsOf(listener, worker)));
        }
        return openings;
    }

    /** Posts what is known of an upstream's endpoints now. */
    void update(EndpointSet endpoints) {
        post(new WorkerCommand.UpdateEndpoints(endpoints));
    }

    /** Posts what is known of the health of an upstream's endpoints now. */
    void update(UpstreamHealth health) {
        post(new WorkerCommand.SetHealth(health));
    }

    /** Has them show these to certificate authorities. @return completes when all of them do */
    CompletableFuture<Void> show(DomainProofs proofs) {
        Showing next = new Showing(proofs, new BitSet(), new CompletableFuture<>());
        showings.add(next);
        post(new WorkerCommand.ShowProofs(proofs));
        return next.everywhere();
    }

    /** Proofs that some workers may not show yet. */
    private record Showing(DomainProofs proofs, BitSet workers, CompletableFuture<Void> everywhere) {}

    private void shown(WorkerReply.ProofsShown by) {
        for (Showing showing : showings) {
            if (showing.proofs() == by.proofs()) {
                completeIfAll(showing.workers(), by.worker(), showing.everywhere());
            }
        }
        showings.removeIf(showing -> showing.everywhere().isDone());
    }

    /** Has them accept what has been left in the backlogs. */
    void admit() {
        post(new WorkerCommand.Admit());
    }

    /**
     * Has them stop accepting and answer what runs.
     *
     * @param idleMax how long a connection without a request waits for one more
     * @return completes when no connection is left
     */
    CompletableFuture<Void> drain(Duration idleMax) {
        post(new WorkerCommand.Drain(idleMax.toNanos()));
        return allDrained;
    }

    /** Has them cut everything. @return completes when the last one has */
    CompletableFuture<Void> stop() {
        post(new WorkerCommand.Stop());
        return allStopped;
    }

    private void post(WorkerCommand command) {
        handles.forEach(worker -> worker.post(command));
    }

    private void take(WorkerReply reply) {
        switch (reply) {
            case WorkerReply.Adopted adopted -> {
                adoptedRevisions[adopted.worker()] = adopted.revision();
                changed.run();
                adoptions.stream()
                        .filter(adoption -> adoption.revision() == adopted.revision())
                        .findFirst()
                        .ifPresent(adoption -> adoption.adoptedBy(adopted.worker()));
                adoptions.removeIf(adoption -> adoption.pendingWorkers() == 0);
            }
            case WorkerReply.Observed observed -> observes.accept(observed.report());
            case WorkerReply.ListenerClosed closed -> closing--;
            case WorkerReply.ProofsShown by -> shown(by);
            case WorkerReply.Drained worker -> completeIfAll(drained, worker.worker(), allDrained);
            case WorkerReply.Stopped worker -> completeIfAll(stopped, worker.worker(), allStopped);
        }
    }

    private void completeIfAll(BitSet told, int worker, CompletableFuture<Void> all) {
        told.set(worker);
        if (told.cardinality() == handles.size()) {
            all.complete(null);
        }
    }

    /**
     * Whether some worker still takes what waits in the backlog of a listener it is to close. Until then the kernel may give
     * new connections to that socket, so that none for the same address should be opened.
     */
    boolean areClosingListeners() {
        return closing > 0;
    }

    /** Which revision each worker serves; the array is the caller's. */
    long[] adoptedRevisions() {
        return adoptedRevisions.clone();
    }

    /** Ends the loops' threads. Any thread, after {@link #stop} has completed or was waited for long enough. */
    void close() {
        loops.forEach(Loop::close);
    }
}
