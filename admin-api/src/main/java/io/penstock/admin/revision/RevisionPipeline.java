package io.penstock.admin.revision;

import io.penstock.admin.store.ConfigStore;
import io.penstock.admin.store.PendingConfirm;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The single door for changes of the configuration: every edit is judged, prepared, stored and published here.
 *
 * <p>One thread of its own does all of it, one batch after the other. Edits that wait while a batch is under way form the
 * next batch: each is judged on what the ones before it leave, each is its own revision, and all share one preparation,
 * one flush to the disk and one adoption. A faulty edit fails alone. Nobody is answered before the flush.
 *
 * <p>All public methods: any thread but a worker. What is chained to returned stages must not block.
 */
public final class RevisionPipeline implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(RevisionPipeline.class);
    private static final long IDLE_CHECK_MS = 200;
    private static final long TRIAL_CHECK_MS = 20;

    private final PipelineOptions options;
    private final RevisionMaker maker;
    private final ArrayBlockingQueue<Waiting> waiting;
    private final Thread thread;

    private volatile boolean closing;
    private volatile boolean stopped;

    RevisionPipeline(PipelineOptions options, RevisionMaker maker) {
        this.options = options;
        this.maker = maker;
        this.waiting = new ArrayBlockingQueue<>(options.waitingMax());
        this.thread = Thread.ofPlatform().name("penstock-revisions").daemon().unstarted(this::run);
    }

    /**
     * Loads what is stored, takes back a revision whose trial was cut short, makes the first edit on top of it, and
     * publishes the outcome once.
     *
     * @param first what the process was told to apply at start
     * @throws io.penstock.admin.store.StoreRefused if the store cannot be read
     */
    public static StartResult start(
            ConfigStore store,
            ConfigCodec codec,
            ConfigTarget target,
            ConfigCheck check,
            PipelineOptions options,
            Optional<Edit> first) {
        RevisionMaker maker = new RevisionMaker(store, codec, target, check, options);
        Optional<EditResult.Rejected> unreadable = maker.load();
        if (unreadable.isPresent()) {
            return new StartResult.NotStarted(unreadable.get());
        }
        Optional<Long> cutShort = maker.trial().map(PendingConfirm::revision);
        RevisionMaker.Boot boot = maker.boot(first);
        return switch (boot) {
            case RevisionMaker.NotBooted not -> new StartResult.NotStarted(not.reason());
            case RevisionMaker.Booted booted -> {
                RevisionPipeline pipeline = new RevisionPipeline(options, maker);
                pipeline.thread.start();
                yield new StartResult.Started(pipeline, booted.publication(), booted.first(), cutShort);
            }
        };
    }

    /** The newest revision. Does not block. */
    public CurrentConfig current() {
        return maker.current();
    }

    /** The revision on trial, if one is. Does not block. */
    public Optional<PendingConfirm> trial() {
        return maker.trial();
    }

    /**
     * Makes an edit.
     *
     * @return completes once the edit is stored, or is known to be none; exceptionally only by a bug
     */
    public CompletionStage<EditResult> submit(Edit edit) {
        return offer(new Waiting.ForEdit(edit, new CompletableFuture<>()));
    }

    /**
     * Ends the trial: the revision stays.
     *
     * @param revision the one that is meant; empty for whichever is on trial
     */
    public CompletionStage<EditResult> confirm(
            OptionalLong revision, String actor, Optional<String> source, Optional<String> note) {
        return offer(new Waiting.ForConfirm(revision, actor, source, note, new CompletableFuture<>()));
    }

    /** Finishes what waits, then stops. The revision on trial stays stored and is taken back at the next start. */
    @Override
    public void close() {
        closing = true;
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException again) {
                // Whoever was accepted gets an answer first.
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private CompletionStage<EditResult> offer(Waiting next) {
        if (closing) {
            next.done().complete(new EditResult.Stopping());
        } else if (!waiting.offer(next)) {
            next.done().complete(new EditResult.Busy(waiting.size()));
        } else if (stopped && waiting.remove(next)) {
            next.done().complete(new EditResult.Stopping());
        }
        return next.done();
    }

    private void run() {
        List<Waiting> batch = new ArrayList<>();
        while (true) {
            try {
                long checkMs = maker.trial().isPresent() ? TRIAL_CHECK_MS : IDLE_CHECK_MS;
                Waiting next = waiting.poll(checkMs, TimeUnit.MILLISECONDS);
                if (next != null) {
                    batch.add(next);
                    waiting.drainTo(batch, options.batchMax() - 1);
                } else if (closing) {
                    break;
                }
                maker.make(batch);
                maker.endTrialIfDue();
            } catch (InterruptedException stray) {
                // Nobody of ours interrupts this thread; the flag `closing` ends it.
            } catch (RuntimeException bug) {
                LOG.error("A batch of {} edits failed by a fault of ours", batch.size(), bug);
                batch.forEach(each -> each.done().completeExceptionally(bug));
            } finally {
                batch.clear();
            }
        }
        stopped = true;
        waiting.drainTo(batch);
        batch.forEach(each -> each.done().complete(new EditResult.Stopping()));
    }
}
