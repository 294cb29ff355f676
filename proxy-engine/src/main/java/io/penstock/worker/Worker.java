package io.penstock.worker;

import io.penstock.config.ServiceConfig;
import io.penstock.discovery.DnsLookup;
import io.penstock.downstream.DownstreamContext;
import io.penstock.downstream.Listeners;
import io.penstock.exchange.BackendChoice;
import io.penstock.exchange.ConsumerLookup;
import io.penstock.exchange.ExchangeContext;
import io.penstock.exchange.ExchangePool;
import io.penstock.exchange.FilterMeter;
import io.penstock.exchange.GrpcWebMemory;
import io.penstock.exchange.OpenCodings;
import io.penstock.exchange.admission.AdmissionGates;
import io.penstock.exchange.facts.EpochClock;
import io.penstock.exchange.limits.FilterLimits;
import io.penstock.exchange.limits.LimitCheck;
import io.penstock.exchange.limits.LimitPermits;
import io.penstock.http.ClientAddress;
import io.penstock.http.Fields;
import io.penstock.http.HttpDate;
import io.penstock.http.LoopMark;
import io.penstock.http.RequestId;
import io.penstock.http.ResponseHead;
import io.penstock.limit.KeyHash;
import io.penstock.mark.WorkerConfined;
import io.penstock.metrics.Counter;
import io.penstock.metrics.WorkerMeters;
import io.penstock.route.RouteLookup;
import io.penstock.snapshot.ProofBoard;
import io.penstock.snapshot.Snapshot;
import io.penstock.snapshot.SnapshotPins;
import io.penstock.spi.WorkerId;
import io.penstock.transport.Loop;
import io.penstock.transport.Timer;
import io.penstock.upstream.Mirrors;
import io.penstock.upstream.OwnRequests;
import io.penstock.upstream.Upstream;
import io.penstock.upstream.Upstreams;
import java.time.Clock;
import java.util.HexFormat;
import java.util.function.Consumer;
import org.agrona.concurrent.SystemNanoClock;
import org.jspecify.annotations.Nullable;

/**
 * One core and all that it owns: the field list is the inventory. Entered by its loop's thread only; others hold a
 * {@link WorkerHandle}. Carrying out a command cannot fail: whatever may be refused was refused before it was posted.
 */
@WorkerConfined
public final class Worker {
    /** How often a worker says that it is alive, in nanoseconds. */
    public static final long HEARTBEAT_NS = 250_000_000L;

    /** How long a worker that stops waits for its last bytes to leave, and how often it looks. */
    private static final long FAREWELL_NS = 500_000_000L;

    private static final long FAREWELL_STEP_NS = 5_000_000L;

    private final WorkerId id;
    private final Loop loop;
    private final WorkerMeters meters;
    private final Consumer<WorkerReply> replies;
    private final SnapshotPins pins;
    private final WorkerFilters filters;
    private final EpochClock epochClock;
    private final HttpDate date = new HttpDate();
    private final Upstreams upstreams;
    private final OwnRequests ownRequests;
    private final Mirrors mirrors;
    private final ExchangePool exchanges;
    private final ProofBoard proofs = new ProofBoard();
    private final Listeners listeners;
    private final Heartbeat heartbeat = new Heartbeat();
    private final Farewell farewell = new Farewell();
    private boolean isDraining;

    private Worker(
            WorkerId id,
            Loop loop,
            SharedTables tables,
            WorkerMeters meters,
            Snapshot first,
            DnsLookup dns,
            Clock clock,
            long seed,
            Consumer<WorkerReply> replies) {
        this.id = id;
        this.loop = loop;
        this.meters = meters;
        this.replies = replies;
        this.pins = new SnapshotPins(id.index(), tables.pins(), first);
        this.upstreams = new Upstreams(loop, id.count(), tables.permits(), meters.counters(), seed);
        upstreams.outcomes(report -> replies.accept(new WorkerReply.Observed(id.index(), report)));
        this.epochClock = new EpochClock(clock);
        this.ownRequests = upstreams.ownRequests(dns, clock);
        ownRequests.services(this::destination);
        KeyHash keyHash = new KeyHash(tables.keySeedHigh(), tables.keySeedLow());
        upstreams.secret(new KeyHash(tables.keySeedHigh(), tables.keySeedLow()));
        LimitPermits limitPermits = new LimitPermits(tables.rates(), tables.quotas(), epochClock);
        ConsumerLookup consumers = new ConsumerLookup(pins);
        this.filters = new WorkerFilters(
                id,
                loop,
                epochClock,
                pins,
                new FilterLimits(limitPermits, keyHash, meters.counters()),
                ownRequests,
                consumers,
                meters.counters());
        this.mirrors = new Mirrors(loop, meters.counters());
        OpenCodings codings = new OpenCodings();
        this.exchanges = new ExchangePool(new ExchangeContext(
                loop,
                filters,
                pins,
                upstreams,
                new RouteLookup(),
                new ClientAddress(),
                new LimitCheck(limitPermits, tables.keyedPermits(), keyHash, meters.counters()),
                new AdmissionGates(loop, tables.keyedPermits(), meters, id.count()),
                new RequestId(seed),
                epochClock,
                meters,
                new Fields(),
                new ResponseHead(),
                new BackendChoice(),
                mirrors,
                codings,
                consumers,
                new GrpcWebMemory(),
                new FilterMeter(meters.counters(), SystemNanoClock.INSTANCE),
                proofs,
                loopMark(tables)));
        filters.exchanges(exchanges);
        this.listeners = new Listeners(new DownstreamContext(
                loop, exchanges, tables.rates(), tables.permits(), keyHash, meters.counters(), date, proofs));
    }

    // The same for all workers, and for no other gateway: the seed was made up for this one alone.
    private static LoopMark loopMark(SharedTables tables) {
        long name = new KeyHash(tables.keySeedHigh(), tables.keySeedLow())
                .begin()
                .add("CDN-Loop")
                .finish()
                .high();
        return new LoopMark("penstock-" + HexFormat.of().toHexDigits((int) name));
    }

    private OwnRequests.@Nullable Destination destination(String name) {
        ServiceConfig service = pins.current()
                .snapshot()
                .services()
                .find(name)
                .filter(ServiceConfig::enabled)
                .orElse(null);
        Upstream upstream = service == null ? null : upstreams.find(service.upstream());
        return service == null || upstream == null ? null : new OwnRequests.Destination(upstream, service.hostHeader());
    }

    /**
     * Makes a worker for a loop that serves nothing else. It begins to live with its first command.
     *
     * @param first what is current until the first revision is adopted
     * @param dns resolves the names that filters ask for
     * @param clock the time of day, for records and Date
     * @param seed for chance and request ids; another one for each worker
     * @param replies takes what the worker says; called on the worker, must not block
     */
    public static WorkerHandle create(
            WorkerId id,
            Loop loop,
            SharedTables tables,
            WorkerMeters meters,
            Snapshot first,
            DnsLookup dns,
            Clock clock,
            long seed,
            Consumer<WorkerReply> replies) {
        Worker worker = assemble(id, loop, tables, meters, first, dns, clock, seed, replies);
        return new WorkerHandle(loop, id, worker::carryOut, worker.listeners.door());
    }

    static Worker assemble(
            WorkerId id,
            Loop loop,
            SharedTables tables,
            WorkerMeters meters,
            Snapshot first,
            DnsLookup dns,
            Clock clock,
            long seed,
            Consumer<WorkerReply> replies) {
        Worker worker = new Worker(id, loop, tables, meters, first, dns, clock, seed, replies);
        loop.post(worker.heartbeat::begin);
        return worker;
    }

    ExchangePool exchanges() {
        return exchanges;
    }

    void carryOut(WorkerCommand command) {
        switch (command) {
            case WorkerCommand.AdoptSnapshot adopt -> adopt(adopt);
            case WorkerCommand.UpdateEndpoints update -> upstreams.update(update.endpoints());
            case WorkerCommand.SetHealth set -> upstreams.setHealth(set.health());
            case WorkerCommand.ShowProofs show -> {
                proofs.show(show.proofs());
                replies.accept(new WorkerReply.ProofsShown(id.index(), show.proofs()));
            }
            case WorkerCommand.HoldBack holdBack -> listeners.holdBack();
            case WorkerCommand.Admit admit -> listeners.admit();
            case WorkerCommand.Drain drain -> drain(drain.idleMaxNs());
            case WorkerCommand.Stop stop -> stop();
        }
    }

    private void adopt(WorkerCommand.AdoptSnapshot adopt) {
        upstreams.adopt(adopt.upstreams());
        pins.adopt(adopt.snapshot(), adopt.retired());
        for (int closed : adopt.closed()) {
            listeners.close(closed, () -> replies.accept(new WorkerReply.ListenerClosed(id.index(), closed)));
        }
        listeners.adopt(adopt.snapshot().listeners());
        for (WorkerCommand.ListenerOpening opening : adopt.opened()) {
            listeners.open(opening.listener(), opening.sockets(), opening.balanced(), opening.datagrams());
        }
        meters.counters().add(Counter.SNAPSHOTS_ADOPTED);
        replies.accept(new WorkerReply.Adopted(id.index(), adopt.snapshot().revision()));
    }

    private void drain(long idleMaxNs) {
        if (!isDraining) {
            isDraining = true;
            upstreams.drain();
            ownRequests.drain();
            listeners.drain(idleMaxNs, () -> replies.accept(new WorkerReply.Drained(id.index())));
        }
    }

    private void stop() {
        listeners.abort();
        upstreams.drain();
        ownRequests.stop();
        mirrors.stop();
        loop.wheel().disarm(heartbeat);
        pins.close();
        farewell.begin();
    }

    /** Lets what was said to both ends of a WebSocket leave before the loop ends. */
    private final class Farewell extends Timer {
        private long deadlineNs;

        void begin() {
            deadlineNs = loop.nowNs() + FAREWELL_NS;
            expired(loop.nowNs());
        }

        @Override
        protected void expired(long nowNs) {
            boolean isQuiet = listeners.connections() == 0 && upstreams.connections() == 0;
            if (isQuiet || nowNs >= deadlineNs) {
                replies.accept(new WorkerReply.Stopped(id.index()));
            } else {
                loop.wheel().arm(this, nowNs + FAREWELL_STEP_NS);
            }
        }
    }

    /** Tells those who watch that the loop still turns. */
    private final class Heartbeat extends Timer {
        void begin() {
            expired(loop.nowNs());
        }

        @Override
        protected void expired(long nowNs) {
            epochClock.measure(nowNs);
            date.tick(epochClock.epochUs(nowNs) / 1000);
            meters.counters().add(Counter.HEARTBEATS);
            loop.wheel().arm(this, nowNs + HEARTBEAT_NS);
        }
    }
}
