package io.penstock.engine;

import io.penstock.limit.QuotaFile;
import io.penstock.metrics.MetricEntry;
import io.penstock.metrics.Sample;
import io.penstock.metrics.SampleSource;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes what quotas have counted into their file, each second, on a thread of its own: a process that is killed loses at most
 * what was counted since.
 */
final class QuotaKeeper implements SampleSource, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(QuotaKeeper.class);
    private static final String FILE = "quotas";
    private static final long PERIOD_MS = 1000;
    private static final int WRITES_FOR_EACH_FORCE = 10;
    private static final int FAILURES_FOR_EACH_LINE = 60;
    private static final long CLOSE_MAX_MS = 5000;
    private static final int MINUTE_SECONDS = 60;

    private static final MetricEntry RESTORED =
            MetricEntry.gauge("penstock_quota_restored_keys", "Keys of quotas that the start found in the file.");
    private static final MetricEntry FAILURES = MetricEntry.counter(
            "penstock_quota_write_failures_total", "Seconds in which the counts of quotas could not be written.");

    private final QuotaFile file;
    private final Clock clock;
    private final CountDownLatch stop = new CountDownLatch(1);
    private final Thread thread =
            Thread.ofPlatform().name("penstock-quotas").daemon().unstarted(this::run);
    private long failed;
    private boolean isLeft;
    private volatile long failures;

    private QuotaKeeper(QuotaFile file, Clock clock) {
        this.file = file;
        this.clock = clock;
    }

    /**
     * Opens the file in a folder, which is made if there is none.
     *
     * @throws UncheckedIOException if it can be neither read nor made
     */
    static QuotaKeeper open(Path folder, int slots, KeySeed seed, Clock clock) {
        Path path = folder.resolve(FILE);
        try {
            Files.createDirectories(folder);
            QuotaFile file = QuotaFile.open(path, slots, seed.high(), seed.low(), minute(clock));
            if (file.damagedBlocks() > 0) {
                LOG.warn(
                        "{} blocks of {} were damaged: the keys in them count from 0 in their present windows",
                        file.damagedBlocks(),
                        path);
            }
            return new QuotaKeeper(file, clock);
        } catch (IOException failed) {
            throw new UncheckedIOException("the counts of quotas cannot be kept in " + path + ": " + failed, failed);
        }
    }

    /** The file, with its table. */
    QuotaFile file() {
        return file;
    }

    void start() {
        thread.start();
    }

    private void run() {
        int writes = 0;
        while (!isStopped()) {
            write(++writes % WRITES_FOR_EACH_FORCE == 0);
        }
        write(true);
    }

    private boolean isStopped() {
        try {
            return stop.await(PERIOD_MS, TimeUnit.MILLISECONDS);
        } catch (InterruptedException interrupted) {
            return true;
        }
    }

    /** Writes for the last time: the file is another process's. */
    void leave() {
        write(true);
        synchronized (this) {
            isLeft = true;
        }
    }

    /** The file is this process's again, whatever another has written. */
    synchronized void keep() {
        file.forget();
        isLeft = false;
    }

    /**
     * Reads again what another process has counted since the file was opened, and keeps it from now on. Before anything is counted
     * here.
     */
    void takeOver() {
        try {
            file.reread(minute(clock));
        } catch (IOException failed) {
            LOG.error("{} could not be read again: what was counted in the last seconds is lost", file.path(), failed);
        }
        start();
    }

    private synchronized void write(boolean isForced) {
        if (isLeft) {
            return;
        }
        try {
            file.write(minute(clock));
            if (isForced) {
                file.force();
            }
        } catch (IOException | RuntimeException failure) {
            if (failed++ % FAILURES_FOR_EACH_LINE == 0) {
                LOG.error(
                        "the counts of quotas could not be written to {}; tried again each second",
                        file.path(),
                        failure);
            }
            failures = failed;
        }
    }

    private static long minute(Clock clock) {
        return Math.floorDiv(clock.instant().getEpochSecond(), (long) MINUTE_SECONDS);
    }

    @Override
    public List<MetricEntry> entries() {
        return List.of(RESTORED, FAILURES);
    }

    @Override
    public void collect(Consumer<Sample> into) {
        into.accept(Sample.of(RESTORED, file.restored()));
        into.accept(Sample.of(FAILURES, failures));
    }

    /** Writes once more and ends the thread; the table stays its owner's. */
    @Override
    public void close() {
        stop.countDown();
        try {
            if (thread.getState() != Thread.State.NEW) {
                thread.join(CLOSE_MAX_MS);
            }
            file.close();
        } catch (IOException failed) {
            LOG.error("{} could not be closed", file.path(), failed);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
