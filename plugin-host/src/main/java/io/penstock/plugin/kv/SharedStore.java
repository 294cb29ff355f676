package io.penstock.plugin.kv;

import io.penstock.mark.SharedByWorkers;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import org.agrona.concurrent.ManyToOneConcurrentArrayQueue;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The store of all plugins: one file, and one thread that alone touches it. Others hand operations over through a bounded
 * queue without a lock and hear the answers on the store's thread, in the order they asked; lists, which go through all that
 * is there, are done part by part between the others.
 *
 * <p>Nothing is opened before {@link #open}. A store that does not open refuses every operation with the reason, and is
 * tried again by the next {@code open}: traffic goes on, and the plugin decides what it does without.
 */
@SharedByWorkers
public final class SharedStore implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(SharedStore.class);

    /** In the store's folder. */
    public static final String FILE = "plugin-kv.dat";

    /** In the store's folder: takes the place of what the store holds when it is opened next. */
    public static final String IMAGE = StoreImage.FILE;

    /** Operations that wait, of all plugins. */
    static final int WAITING_MAX = 16_384;

    /** Operations of one plugin that wait. */
    static final int PLUGIN_WAITING_MAX = 4_096;

    /** Lists under way. */
    static final int LISTS_MAX = 64;

    private static final int BATCH = 64;
    private static final long SWEEP_NS = 1_000_000_000L;
    private static final long OPEN_SECONDS_MAX = 60;

    private final StoreOptions options;
    private final ManyToOneConcurrentArrayQueue<Order> orders = new ManyToOneConcurrentArrayQueue<>(WAITING_MAX);
    private final Map<String, PluginStore> plugins = new ConcurrentHashMap<>();
    private final LongAdder done = new LongAdder();
    private final LongAdder refused = new LongAdder();
    private @Nullable Opening opening;
    private volatile @Nullable Thread thread;
    private volatile boolean isParked;
    private volatile boolean isClosed;
    private volatile boolean isElsewhere;
    private boolean isWantedHere;
    private volatile String notOpen = "it was not opened yet";
    private volatile Map<String, Shelf.Usage> usage = Map.of();
    private final StoreCopies copies = new StoreCopies();

    private record Order(PluginStore plugin, Operation operation, KeyValues.Answer answer) {}

    private record Opening(Thread thread, CountDownLatch isOver) {}

    /** Makes one that is not open. */
    public SharedStore(StoreOptions options) {
        this.options = options;
    }

    /** One plugin's door. */
    private final class PluginStore implements KeyValues {
        private final String name;
        private final AtomicInteger waiting = new AtomicInteger();

        PluginStore(String name) {
            this.name = name;
        }

        @Override
        public void ask(Operation operation, Answer answer) {
            String fault = notOpen;
            if (!fault.isEmpty()) {
                refuse(answer, "the key-value store is not open: " + fault);
            } else if (waiting.incrementAndGet() > PLUGIN_WAITING_MAX
                    || !orders.offer(new Order(this, operation, answer))) {
                waiting.decrementAndGet();
                refuse(answer, "too many operations wait for the key-value store");
            } else if (!notOpen.isEmpty()) {
                // It was closed meanwhile, perhaps after its thread had looked for the last time.
                refuseAll();
            } else if (isParked) {
                LockSupport.unpark(thread);
            }
        }

        private void refuse(Answer answer, String why) {
            refused.increment();
            answer.refused(why);
        }
    }

    /** The store of one plugin, open or not. Any thread. */
    public KeyValues of(String plugin) {
        return plugins.computeIfAbsent(plugin, PluginStore::new);
    }

    /**
     * Opens the file if it is not open, and waits until it is, or cannot be; never on a worker.
     *
     * @return an empty text, or why it is not open
     */
    public String open() {
        Opening current;
        synchronized (this) {
            if (isClosed) {
                return notOpen;
            }
            if (isElsewhere) {
                isWantedHere = true;
                return "";
            }
            Opening last = opening;
            if (last == null || !last.thread().isAlive()) {
                CountDownLatch isOver = new CountDownLatch(1);
                last = new Opening(
                        Thread.ofPlatform().daemon().name("penstock-plugin-kv").unstarted(() -> serve(isOver)), isOver);
                opening = last;
                last.thread().start();
            }
            current = last;
        }
        try {
            return current.isOver().await(OPEN_SECONDS_MAX, TimeUnit.SECONDS) ? notOpen : "it is still being opened";
        } catch (InterruptedException ended) {
            Thread.currentThread().interrupt();
            return "it is still being opened";
        }
    }

    /**
     * Another process has the store, or is to have it: what waits is done, the file closed, and operations are refused until
     * {@link #comeBack}. Waits for that.
     */
    public void leave() {
        Opening last;
        synchronized (this) {
            isElsewhere = true;
            last = opening;
        }
        if (last != null && last.thread().isAlive()) {
            isWantedHere = true;
            synchronized (orders) {
                notOpen = "it is with the process that takes this one's place";
            }
            await(last.thread());
        }
    }

    /** The store is this process's to open; it is opened if anybody wanted it. Waits for that. */
    public void comeBack() {
        boolean isWanted;
        synchronized (this) {
            isElsewhere = false;
            isWanted = isWantedHere;
            isWantedHere = false;
        }
        if (isWanted) {
            String fault = open();
            if (!fault.isEmpty()) {
                LOG.error("plugins are without their key-value store: {}", fault);
            }
        }
    }

    /**
     * Writes all entries of one moment into a file that is there; operations wait meanwhile.
     *
     * @throws IOException if the store cannot be opened, or the file not be written
     */
    public void openAndCopyTo(Path to) throws IOException {
        String fault = open();
        if (!fault.isEmpty()) {
            throw new IOException("the key-value store of plugins is not open: " + fault);
        }
        copies.await(to, () -> {
            LockSupport.unpark(thread);
            return notOpen;
        });
    }

    /**
     * Looks whether a file is what {@link #openAndCopyTo} writes, whole.
     *
     * @return what is wrong with it; empty if it can be taken in
     * @throws IOException if the disk fails
     */
    public static Optional<String> imageFault(Path image) throws IOException {
        return StoreImage.fault(image);
    }

    private void serve(CountDownLatch isOver) {
        try (FolderLock lock = lock()) {
            try (Shelf shelf = shelf(lock)) {
                thread = Thread.currentThread();
                usage = shelf.usage();
                synchronized (orders) {
                    notOpen = "";
                }
                isOver.countDown();
                new Turns(shelf).run();
            }
            lock.closed();
        } catch (IOException | RuntimeException | LinkageError failed) {
            // A LinkageError is what a JVM without the store's options gives.
            LOG.error("the key-value store of plugins is not open", failed);
            notOpen = String.valueOf(failed.getMessage());
        } finally {
            thread = null;
            if (notOpen.isEmpty()) {
                notOpen = "it is closed";
            }
            refuseAll();
            copies.refuse(notOpen);
            isOver.countDown();
        }
    }

    private Shelf shelf(FolderLock lock) throws IOException {
        Path file = lock.folder().resolve(FILE);
        // What the lock says is of the file before: one that was made of an image has nothing to be recovered.
        boolean isOfImage = StoreImage.takeIn(lock.folder(), file, fresh -> cells(lock, fresh, true));
        ChronicleCells cells = cells(lock, file, isOfImage || lock.wasClosed());
        return new Shelf(cells, options, System::currentTimeMillis);
    }

    private ChronicleCells cells(FolderLock lock, Path file, boolean wasClosed) throws IOException {
        File folder = lock.folder().toFile();
        return ChronicleCells.open(file, wasClosed, options.entriesMax(), options.bytesMax(), folder::getUsableSpace);
    }

    private FolderLock lock() throws IOException {
        Files.createDirectories(options.folder());
        return FolderLock.take(options.folder());
    }

    // The queue has one reader: the store's thread while the store is open, else whoever holds this lock.
    private void refuseAll() {
        synchronized (orders) {
            if (notOpen.isEmpty()) {
                return;
            }
            for (Order order = orders.poll(); order != null; order = orders.poll()) {
                order.plugin().waiting.decrementAndGet();
                order.plugin().refuse(order.answer(), "the key-value store is not open: " + notOpen);
            }
        }
    }

    /** What the store's thread does, turn by turn. */
    private final class Turns {
        private record RunningList(ShelfList list, KeyValues.Answer answer) {}

        private final Shelf shelf;
        private final ArrayDeque<RunningList> lists = new ArrayDeque<>();
        private long sweptNs = System.nanoTime();

        Turns(Shelf shelf) {
            this.shelf = shelf;
        }

        void run() {
            while (!isClosed && !(isElsewhere && orders.isEmpty() && lists.isEmpty())) {
                boolean hasTaken = takeOrders();
                copies.make(shelf);
                boolean isBusy = goOnWithLists() || hasTaken;
                if (System.nanoTime() - sweptNs > SWEEP_NS) {
                    sweptNs = System.nanoTime();
                    shelf.sweep();
                    usage = shelf.usage();
                }
                if (!isBusy) {
                    park();
                }
            }
            lists.forEach(running -> running.answer().refused("the key-value store is closed"));
        }

        // Announced before the last look, so that whoever offers later sees it and wakes the thread.
        private void park() {
            isParked = true;
            if (orders.isEmpty() && !copies.isWanted() && !isClosed && !isElsewhere) {
                LockSupport.parkNanos(SharedStore.this, SWEEP_NS);
            }
            isParked = false;
        }

        private boolean takeOrders() {
            int taken = 0;
            for (Order order; taken < BATCH && (order = orders.poll()) != null; taken++) {
                order.plugin().waiting.decrementAndGet();
                try {
                    take(order);
                } catch (RuntimeException defect) {
                    // An entry that cannot be read must not end the store of all the others.
                    LOG.error("an operation of plugin {} failed", order.plugin().name, defect);
                    order.plugin().refuse(order.answer(), "the key-value store failed at this operation");
                }
            }
            return taken > 0;
        }

        private void take(Order order) {
            KeyValues.Answer counting = counting(order);
            if (order.operation() instanceof Operation.List list) {
                if (lists.size() >= LISTS_MAX) {
                    counting.refused("more than " + LISTS_MAX + " lists are under way");
                    return;
                }
                try {
                    lists.add(new RunningList(shelf.list(order.plugin().name, list), counting));
                } catch (StoreRefusedException wrong) {
                    counting.refused(String.valueOf(wrong.getMessage()));
                }
            } else {
                shelf.run(order.plugin().name, order.operation(), counting);
            }
        }

        private boolean goOnWithLists() {
            RunningList next = lists.poll();
            if (next == null) {
                return false;
            }
            if (next.list().step()) {
                next.answer().done(next.list().json());
            } else {
                lists.add(next);
            }
            return true;
        }

        private KeyValues.Answer counting(Order order) {
            return new KeyValues.Answer() {
                @Override
                public void done(@Nullable String value) {
                    done.increment();
                    order.answer().done(value);
                }

                @Override
                public void refused(String why) {
                    order.plugin().refuse(order.answer(), why);
                }
            };
        }
    }

    /** Whether anybody asked for it to be open. */
    public synchronized boolean wasWanted() {
        return opening != null;
    }

    /** Whether operations are taken. */
    public boolean isOpen() {
        return notOpen.isEmpty();
    }

    /** Operations done since the start. */
    public long operationsDone() {
        return done.sum();
    }

    /** Operations refused since the start. */
    public long operationsRefused() {
        return refused.sum();
    }

    /** Entries of each plugin, of about a second ago. */
    public Map<String, Integer> entries() {
        Map<String, Integer> entries = new TreeMap<>();
        usage.forEach((plugin, used) -> entries.put(plugin, used.entries()));
        return entries;
    }

    /** Octets of each plugin, of about a second ago. */
    public Map<String, Long> bytes() {
        Map<String, Long> bytes = new TreeMap<>();
        usage.forEach((plugin, used) -> bytes.put(plugin, used.bytes()));
        return bytes;
    }

    /** Ends the thread and closes the file; what was asked and not done is refused. */
    @Override
    public void close() {
        Opening last;
        synchronized (this) {
            isClosed = true;
            last = opening;
        }
        if (last == null) {
            return;
        }
        await(last.thread());
    }

    private static void await(Thread ending) {
        LockSupport.unpark(ending);
        try {
            ending.join(TimeUnit.SECONDS.toMillis(OPEN_SECONDS_MAX));
        } catch (InterruptedException ended) {
            Thread.currentThread().interrupt();
        }
    }
}
