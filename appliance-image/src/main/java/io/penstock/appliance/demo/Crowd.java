package io.penstock.appliance.demo;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;

/** Several clients at once, each on a keep-alive connection of its own, one request after the other. */
final class Crowd {
    private static final Duration REST = Duration.ofMillis(20);

    private final InetSocketAddress gateway;
    private final int clients;
    private final Duration pause;
    private final String[] fields;

    Crowd(InetSocketAddress gateway, int clients) {
        this(gateway, clients, Duration.ZERO);
    }

    /** Clients that rest between two requests, and leave the processor to others; each request has these field lines. */
    Crowd(InetSocketAddress gateway, int clients, Duration pause, String... fields) {
        this.gateway = gateway;
        this.clients = clients;
        this.pause = pause;
        this.fields = fields.clone();
    }

    /** Each client asks this often, as fast as it is answered. */
    Tally each(int requests, String path) {
        Tally tally = new Tally();
        join(start(tally, path, () -> true, requests));
        return tally;
    }

    /** All ask for so long, as fast as they are answered. */
    Tally during(Duration time, String path) {
        Tally tally = new Tally();
        long endNs = System.nanoTime() + time.toNanos();
        join(start(tally, path, () -> System.nanoTime() < endNs, Integer.MAX_VALUE));
        return tally;
    }

    /** All ask until {@code event} has happened and some time after. */
    Tally around(String path, Duration before, Runnable event, Duration after) {
        Tally tally = new Tally();
        long startNs = System.nanoTime();
        long endNs = startNs + before.plus(after).toNanos();
        List<Thread> threads = start(tally, path, () -> System.nanoTime() < endNs, Integer.MAX_VALUE);
        sleep(before);
        event.run();
        join(threads);
        return tally;
    }

    /** Something that takes as long as it takes, and may fail. */
    interface Deed {
        void run() throws IOException;
    }

    /** All ask while something is done, and some time before and after. */
    Tally beside(String path, Duration rest, Deed deed) throws IOException {
        Tally tally = new Tally();
        AtomicBoolean goesOn = new AtomicBoolean(true);
        List<Thread> threads = start(tally, path, goesOn::get, Integer.MAX_VALUE);
        try {
            sleep(rest);
            deed.run();
            sleep(rest);
        } finally {
            goesOn.set(false);
            join(threads);
        }
        return tally;
    }

    private List<Thread> start(Tally tally, String path, BooleanSupplier goesOn, int requestsMax) {
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < clients; i++) {
            threads.add(Thread.ofVirtual().start(() -> run(tally, path, goesOn, requestsMax)));
        }
        return threads;
    }

    private void run(Tally tally, String path, BooleanSupplier goesOn, int requestsMax) {
        int left = requestsMax;
        while (left > 0 && goesOn.getAsBoolean()) {
            try (ToyClient client = new ToyClient(gateway)) {
                boolean isOpen = true;
                while (isOpen && left > 0 && goesOn.getAsBoolean()) {
                    left--;
                    long beginNs = System.nanoTime();
                    ToyAnswer answer = client.get(path, fields);
                    tally.add(answer, System.nanoTime() - beginNs);
                    isOpen = !answer.closes();
                    if (!pause.isZero()) {
                        sleep(pause);
                    }
                }
            } catch (IOException broken) {
                tally.broke(String.valueOf(broken.getMessage()));
                // A gateway that takes no connections must not be asked in a tight loop.
                sleep(REST);
            }
        }
    }

    /** Rests, unless interrupted. */
    static void sleep(Duration time) {
        try {
            Thread.sleep(time);
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
        }
    }

    private static void join(List<Thread> threads) {
        for (Thread thread : threads) {
            try {
                thread.join();
            } catch (InterruptedException stopping) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }
}
