package io.penstock.admin.ocsp;

import io.penstock.config.CertificateConfig;
import io.penstock.config.ProxyConfig;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Has the states of certificates looked at each second, from when changes are served until they are not any more. */
public final class StatusThread implements StatusPort, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(StatusThread.class);
    private static final Duration PERIOD = Duration.ofSeconds(1);
    private static final Duration STOP_MAX = Duration.ofSeconds(2);

    private final Staples staples;
    private final Thread thread;

    private StatusThread(Staples staples) {
        this.staples = staples;
        this.thread = Thread.ofPlatform().name("penstock-ocsp").daemon().unstarted(this::run);
    }

    /**
     * Begins.
     *
     * @param config what is served
     * @param shown takes all that is to be stapled, by the certificates' fingerprints
     */
    public static StatusThread start(
            Supplier<ProxyConfig> config, Consumer<Map<String, byte[]>> shown, Clock clock, RandomGenerator random) {
        StatusThread started = new StatusThread(new Staples(config, new HttpResponder(), shown, clock, random));
        started.thread.start();
        return started;
    }

    @Override
    public Optional<Stapling> of(CertificateConfig certificate) {
        return staples.of(certificate);
    }

    private void run() {
        try {
            while (true) {
                try {
                    staples.look();
                } catch (RuntimeException defect) {
                    LOG.error("states of certificates were not looked at", defect);
                }
                Thread.sleep(PERIOD);
            }
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        thread.interrupt();
        try {
            thread.join(STOP_MAX);
        } catch (InterruptedException again) {
            Thread.currentThread().interrupt();
        }
    }
}
