package io.penstock.engine;

import io.penstock.config.CertificateConfig;
import io.penstock.config.NamedMap;
import io.penstock.config.PemText;
import io.penstock.config.ProxyConfig;
import io.penstock.metrics.MetricEntry;
import io.penstock.metrics.Sample;
import io.penstock.metrics.SampleSource;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Knows when certificates end: as a metric, and as a line in the log 30 days, 7 days and 1 day before, and when it is over. One that has
 * ended is shown all the same; refusing it would help nobody.
 */
final class CertificateWatch implements SampleSource {
    private static final Logger LOG = LoggerFactory.getLogger(CertificateWatch.class);
    private static final MetricEntry EXPIRY = MetricEntry.gauge(
            "penstock_certificate_expiry_seconds",
            "Seconds until a certificate, or one of its chain, ends; negative when it has.",
            "certificate");

    /** When it is told, the last first. */
    private static final List<Duration> STEPS =
            List.of(Duration.ZERO, Duration.ofDays(1), Duration.ofDays(7), Duration.ofDays(30));

    private final Clock clock;
    private final RevocationListWatch lists;

    // Guarded by this.
    private Map<String, Watched> watched = Map.of();

    // The control thread's.
    private NamedMap<CertificateConfig> certificates = NamedMap.empty();

    /** A certificate's end, and the steps of which it was told, as an index of the next one to tell. */
    private static final class Watched {
        final CertificateConfig of;
        final Instant end;
        int told = STEPS.size();

        Watched(CertificateConfig of, Instant end) {
            this.of = of;
            this.end = end;
        }
    }

    CertificateWatch(Clock clock) {
        this.clock = clock;
        this.lists = new RevocationListWatch(clock);
    }

    /** This is served from now on. Control thread. */
    void follow(ProxyConfig served) {
        follow(served.certificates());
        lists.follow(served.caBundles());
    }

    /** These are served from now on. Control thread. */
    void follow(NamedMap<CertificateConfig> served) {
        if (served.equals(certificates)) {
            return;
        }
        certificates = served;
        Map<String, Watched> before = watched();
        Map<String, Watched> next = new TreeMap<>();
        for (CertificateConfig certificate : served) {
            Watched known = before.get(certificate.name());
            if (!certificate.enabled() || !certificate.hasPair()) {
                continue;
            }
            next.put(
                    certificate.name(),
                    known != null && known.of.certificate().equals(certificate.certificate())
                            ? known
                            : new Watched(certificate, end(certificate)));
        }
        synchronized (this) {
            watched = next;
        }
        look();
    }

    private static Instant end(CertificateConfig certificate) {
        try {
            Instant end = Instant.MAX;
            for (X509Certificate each : certificate.chain()) {
                Instant its = each.getNotAfter().toInstant();
                end = its.isBefore(end) ? its : end;
            }
            return end;
        } catch (PemText.Unreadable unreadable) {
            throw new IllegalStateException("what is served was read before", unreadable);
        }
    }

    /** Tells of those that end soon, of each step once. Control thread. */
    void look() {
        lists.look();
        Instant now = clock.instant();
        watched().forEach((name, each) -> {
            Duration left = Duration.between(now, each.end);
            int reached = 0;
            while (reached < STEPS.size() && left.compareTo(STEPS.get(reached)) > 0) {
                reached++;
            }
            if (reached < each.told) {
                each.told = reached;
                if (reached == 0) {
                    LOG.error(
                            "certificate \"{}\" has expired at {}: clients refuse it; write a new one", name, each.end);
                } else {
                    LOG.warn("certificate \"{}\" expires at {}, in {} days", name, each.end, left.toDays());
                }
            }
        });
    }

    private synchronized Map<String, Watched> watched() {
        return watched;
    }

    @Override
    public List<MetricEntry> entries() {
        return List.of(EXPIRY, RevocationListWatch.EXPIRY);
    }

    @Override
    public void collect(Consumer<Sample> into) {
        lists.collect(into);
        Instant now = clock.instant();
        watched()
                .forEach((name, each) -> into.accept(
                        Sample.of(EXPIRY, Duration.between(now, each.end).toSeconds(), name)));
    }
}
