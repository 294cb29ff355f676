package io.penstock.admin.acme;

import io.penstock.admin.revision.RevisionPipeline;
import io.penstock.admin.store.DataFolder;
import io.penstock.spi.CredentialSecrets;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Has {@link CertificateOrders} look each second, from when changes are served until they are not any more. */
public final class OrderThread implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(OrderThread.class);
    private static final Duration PERIOD = Duration.ofSeconds(1);
    private static final Duration STOP_MAX = Duration.ofSeconds(2);

    private final CertificateOrders orders;
    private final Thread thread;
    private final Set<Thread> underWay = ConcurrentHashMap.newKeySet();

    private OrderThread(
            RevisionPipeline pipeline,
            ProofPort proofs,
            CredentialSecrets vault,
            Function<String, Optional<String>> secrets,
            Clock clock,
            RandomGenerator random,
            DataFolder folder) {
        this.orders = new CertificateOrders(
                new RevisionOrderBook(pipeline),
                new AcmeAuthority(new OpenProofs(proofs), clock),
                vault,
                secrets,
                clock,
                random,
                this::begin,
                OrderMemory.in(folder));
        this.thread = Thread.ofPlatform().name("penstock-acme").daemon().unstarted(this::run);
    }

    /**
     * Begins.
     *
     * @param pipeline where what is issued is written; outlives this
     * @param secrets the values of secrets by name
     * @param folder where it is kept what failed
     */
    public static OrderThread start(
            RevisionPipeline pipeline,
            ProofPort proofs,
            CredentialSecrets vault,
            Function<String, Optional<String>> secrets,
            Clock clock,
            RandomGenerator random,
            DataFolder folder) {
        OrderThread started = new OrderThread(pipeline, proofs, vault, secrets, clock, random, folder);
        started.thread.start();
        return started;
    }

    /** What operators may ask. */
    public CertificateOrders orders() {
        return orders;
    }

    private void begin(Runnable order) {
        Thread its = Thread.ofVirtual().name("penstock-acme-order").unstarted(() -> {
            try {
                order.run();
            } finally {
                underWay.remove(Thread.currentThread());
            }
        });
        underWay.add(its);
        its.start();
    }

    private void run() {
        try {
            while (true) {
                try {
                    orders.look();
                } catch (RuntimeException defect) {
                    LOG.error("orders of certificates were not looked at", defect);
                }
                Thread.sleep(PERIOD);
            }
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
        }
    }

    /** Gives up what is under way, so that nobody else's order meets it. */
    @Override
    public void close() {
        orders.stop();
        thread.interrupt();
        underWay.forEach(Thread::interrupt);
        try {
            thread.join(STOP_MAX);
            for (Thread each : underWay) {
                each.join(STOP_MAX);
            }
        } catch (InterruptedException again) {
            Thread.currentThread().interrupt();
        }
    }
}
