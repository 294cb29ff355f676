package io.penstock.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.config.AdmissionConfig;
import io.penstock.config.AdmissionQueueConfig;
import io.penstock.config.FieldMatch;
import io.penstock.config.PathMatch;
import io.penstock.config.PriorityConfig;
import io.penstock.config.RouteConfig;
import io.penstock.config.RouteMatch;
import io.penstock.config.Setting;
import io.penstock.metrics.Counter;
import io.penstock.metrics.Reason;
import io.penstock.transport.TransportChoice;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.awaitility.Awaitility;
import org.awaitility.core.ThrowingRunnable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Admission before an endpoint that serves so many requests at once, over real sockets and several workers. */
final class AdmissionTrafficTest {
    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    private static final PriorityConfig GOLD = PriorityConfig.byHeader("gold", FieldMatch.present("X-Gold"));
    private static final Duration LONG = Duration.ofMinutes(1);

    @TempDir
    private Path logs;

    /** The endpoint: what it is asked, in order, and how many requests it has at once; it answers when it may. */
    private static final class Shop {
        final Semaphore answers = new Semaphore(0);
        final AtomicInteger now = new AtomicInteger();
        final AtomicInteger most = new AtomicInteger();
        final List<String> asked = new CopyOnWriteArrayList<>();

        void open(EngineRig rig) {
            Thread.ofVirtual().start(() -> {
                try {
                    while (true) {
                        Peer connection = rig.endpoint();
                        Thread.ofVirtual().start(() -> serve(connection));
                    }
                } catch (IOException closed) {
                    // The test is over.
                }
            });
        }

        private void serve(Peer connection) {
            try (connection) {
                while (true) {
                    String head = connection.readHead();
                    asked.add(head.substring(4, head.indexOf(" HTTP/")));
                    most.accumulateAndGet(now.incrementAndGet(), Math::max);
                    answers.acquire();
                    now.decrementAndGet();
                    connection.send(OK);
                }
            } catch (IOException | InterruptedException closed) {
                // The gateway has no more to ask.
            }
        }
    }

    private EngineRig rig(int workers, AdmissionConfig admission) throws Exception {
        return new EngineRig(
                TransportChoice.NIO,
                workers,
                logs,
                RouteConfig.named("all")
                        .matches(RouteMatch.of(PathMatch.prefix("/")))
                        .service("backend")
                        .admission(Setting.of(admission))
                        .build());
    }

    private static String request(String path, String fields) {
        return "GET " + path + " HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n";
    }

    private static void await(ThrowingRunnable holds) {
        Awaitility.await()
                .atMost(Duration.ofSeconds(20))
                .pollInterval(Duration.ofMillis(1))
                .untilAsserted(holds);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 4})
    void letsNoMoreInThanMayGoOnAndLetsNoMoreWaitThanMayWait(int workers) throws Exception {
        try (EngineRig rig = rig(workers, AdmissionConfig.of(3).with(AdmissionQueueConfig.of(5, LONG)))) {
            Shop shop = new Shop();
            shop.open(rig);
            List<String> statuses = new CopyOnWriteArrayList<>();
            for (int i = 0; i < 12; i++) {
                Peer client = rig.client(request("/" + i, ""));
                Thread.ofVirtual().start(() -> {
                    try {
                        statuses.add(client.readHead().substring(9, 12));
                    } catch (IOException broken) {
                        statuses.add(broken.toString());
                    }
                });
            }

            await(() -> assertThat(statuses).hasSize(4).containsOnly("503"));
            await(() -> assertThat(shop.now).hasValue(3));
            assertThat(rig.metrics().value(Counter.ADMISSION_QUEUED)).isEqualTo(5);
            shop.answers.release(12);
            await(() -> assertThat(statuses).hasSize(12));

            assertThat(statuses).filteredOn("200"::equals).hasSize(8);
            assertThat(shop.most).hasValueLessThanOrEqualTo(3);
            assertThat(rig.metrics().value(Reason.ADMISSION_QUEUE_FULL)).isEqualTo(4);
            rig.settle();
            assertThat(rig.engine().tables().shared().keyedPermits().inUse()).isZero();
            assertThat(rig.metrics().value(Counter.ADMISSION_QUEUED)).isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 4})
    void letsHigherClassesPassFirstOnWhicheverWorkerTheyWait(int workers) throws Exception {
        AdmissionConfig admission =
                AdmissionConfig.of(1).with(AdmissionQueueConfig.of(100, LONG)).with(GOLD);
        try (EngineRig rig = rig(workers, admission)) {
            Shop shop = new Shop();
            shop.open(rig);
            rig.client(request("/first", ""));
            await(() -> assertThat(shop.now).hasValue(1));
            for (int i = 0; i < 8; i++) {
                rig.client(request("/plain", ""));
            }
            await(() ->
                    assertThat(rig.metrics().value(Counter.ADMISSION_QUEUED)).isEqualTo(8));
            for (int i = 0; i < 8; i++) {
                rig.client(request("/gold", "X-Gold: 1\r\n"));
            }
            await(() ->
                    assertThat(rig.metrics().value(Counter.ADMISSION_QUEUED)).isEqualTo(16));

            for (int i = 1; i <= 16; i++) {
                int served = i + 1;
                shop.answers.release();
                await(() -> assertThat(shop.asked).hasSize(served));
            }

            assertThat(shop.asked.subList(1, 9)).containsOnly("/gold");
            assertThat(shop.asked.subList(9, 17)).containsOnly("/plain");
            assertThat(shop.most).hasValue(1);
            shop.answers.release();
            await(() -> assertThat(rig.metrics().value(Counter.REQUESTS_ACTIVE)).isZero());
            rig.settle();
        }
    }

    private static void note(Peer client, List<String> statuses) {
        Thread.ofVirtual().start(() -> {
            try {
                statuses.add(client.readHead().substring(9, 12));
            } catch (IOException broken) {
                statuses.add(broken.toString());
            }
        });
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 4})
    void makesRoomInAFullQueueForHigherClassesOnWhicheverWorkerTheLowerOnesWait(int workers) throws Exception {
        AdmissionConfig admission =
                AdmissionConfig.of(1).with(AdmissionQueueConfig.of(4, LONG)).with(GOLD);
        try (EngineRig rig = rig(workers, admission)) {
            Shop shop = new Shop();
            shop.open(rig);
            rig.client(request("/first", ""));
            await(() -> assertThat(shop.now).hasValue(1));
            List<String> plain = new CopyOnWriteArrayList<>();
            List<String> gold = new CopyOnWriteArrayList<>();
            for (int i = 0; i < 4; i++) {
                note(rig.client(request("/plain", "")), plain);
            }
            await(() ->
                    assertThat(rig.metrics().value(Counter.ADMISSION_QUEUED)).isEqualTo(4));
            for (int i = 0; i < 4; i++) {
                note(rig.client(request("/gold", "X-Gold: 1\r\n")), gold);
            }

            await(() -> assertThat(plain).hasSize(4).containsOnly("503"));
            assertThat(rig.metrics().value(Counter.ADMISSION_QUEUED)).isEqualTo(4);
            note(rig.client(request("/gold", "X-Gold: 1\r\n")), gold);
            await(() -> assertThat(gold).containsExactly("503"));
            shop.answers.release(5);
            await(() -> assertThat(gold).hasSize(5));

            assertThat(gold).filteredOn("200"::equals).hasSize(4);
            assertThat(shop.most).hasValue(1);
            rig.settle();
            assertThat(rig.engine().tables().shared().keyedPermits().inUse()).isZero();
        }
    }

    /** 10 requests at once that take 50 ms each are 200 a second; 400 clients ask for 4000. */
    @ParameterizedTest
    @ValueSource(ints = {1, 4})
    @Tag("long")
    void keepsTheGoodputOfThePlateauInAFlashSale(int workers) throws Exception {
        int places = 10;
        int queueMax = 100;
        AdmissionConfig admission = AdmissionConfig.of(places)
                .with(AdmissionQueueConfig.of(queueMax, Duration.ofMillis(500)))
                .with(GOLD);
        try (EngineRig rig = rig(workers, admission)) {
            FixedShop shop = new FixedShop(Duration.ofMillis(50));
            shop.open(rig);
            Sale sale = new Sale(rig);
            for (int i = 0; i < 2 * places; i++) {
                sale.client(Duration.ofMillis(1), "");
            }
            Thread.sleep(1000);
            long plateau = sale.served(Duration.ofSeconds(5));

            for (int i = 0; i < 400; i++) {
                sale.client(Duration.ofMillis(100), "");
            }
            for (int i = 0; i < 10; i++) {
                sale.client(Duration.ofMillis(200), "X-Gold: 1\r\n");
            }
            Thread.sleep(1000);
            long goldServed = sale.goldServed.get();
            long goldRefused = sale.goldRefused.get();
            long flash = sale.served(Duration.ofSeconds(5));
            goldServed = sale.goldServed.get() - goldServed;
            goldRefused = sale.goldRefused.get() - goldRefused;
            sale.isOver = true;

            assertThat(flash)
                    .as("of a plateau of %s, %s refused", plateau, sale.refused)
                    .isGreaterThanOrEqualTo(plateau * 95 / 100);
            assertThat(goldServed).as("gold, %s refused", goldRefused).isGreaterThan(100);
            assertThat(goldRefused).isLessThanOrEqualTo(goldServed / 100);
            assertThat(shop.most).hasValueLessThanOrEqualTo(places);
            assertThat(sale.mostQueued).isLessThanOrEqualTo(queueMax);
            assertThat(sale.refused.get()).isGreaterThan(flash);
        }
    }

    private static final class FixedShop {
        final AtomicInteger now = new AtomicInteger();
        final AtomicInteger most = new AtomicInteger();
        private final long serviceNs;

        FixedShop(Duration service) {
            this.serviceNs = service.toNanos();
        }

        void open(EngineRig rig) {
            Thread.ofVirtual().start(() -> {
                try {
                    while (true) {
                        Peer connection = rig.endpoint();
                        Thread.ofVirtual().start(() -> serve(connection));
                    }
                } catch (IOException closed) {
                    // The test is over.
                }
            });
        }

        private void serve(Peer connection) {
            byte[] buffer = new byte[16 * 1024];
            byte[] end = {'\r', '\n', '\r', '\n'};
            try (connection) {
                while (true) {
                    connection.skipUntil(end, buffer);
                    most.accumulateAndGet(now.incrementAndGet(), Math::max);
                    LockSupport.parkNanos(serviceNs);
                    now.decrementAndGet();
                    connection.send(OK);
                }
            } catch (IOException closed) {
                // The gateway has no more to ask.
            }
        }
    }

    private static final class Sale {
        final AtomicLong served = new AtomicLong();
        final AtomicLong refused = new AtomicLong();
        final AtomicLong goldServed = new AtomicLong();
        final AtomicLong goldRefused = new AtomicLong();
        private final EngineRig rig;
        long mostQueued;
        volatile boolean isOver;

        Sale(EngineRig rig) {
            this.rig = rig;
        }

        /** A client that asks once in each period, but not again before it has its answer. */
        void client(Duration period, String fields) throws IOException {
            EngineClient client = new EngineClient(
                    rig.engine().readings().status().listeners().getFirst().address());
            boolean isGold = !fields.isEmpty();
            Thread.ofVirtual().start(() -> {
                LockSupport.parkNanos(ThreadLocalRandom.current().nextLong(period.toNanos()));
                try (client) {
                    while (!isOver) {
                        long nextNs = System.nanoTime() + period.toNanos();
                        client.send("/", fields);
                        boolean isOk = client.response().startsWith("200");
                        (isOk ? served : refused).incrementAndGet();
                        if (isGold) {
                            (isOk ? goldServed : goldRefused).incrementAndGet();
                        }
                        LockSupport.parkNanos(nextNs - System.nanoTime());
                    }
                } catch (IOException closed) {
                    // The test is over.
                }
            });
        }

        /** How many are served in a time, while the queue is watched. */
        long served(Duration time) throws InterruptedException {
            long before = served.get();
            long endNs = System.nanoTime() + time.toNanos();
            while (System.nanoTime() < endNs) {
                mostQueued = Math.max(mostQueued, rig.metrics().value(Counter.ADMISSION_QUEUED));
                Thread.sleep(20);
            }
            return served.get() - before;
        }
    }
}
