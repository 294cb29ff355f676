package io.penstock.engine;

import io.penstock.config.CaBundleConfig;
import io.penstock.config.NamedMap;
import io.penstock.config.PemText;
import io.penstock.metrics.MetricEntry;
import io.penstock.metrics.Sample;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Knows when the lists of revoked certificates are over: as a metric, and as a line in the log once it is so. They hold all the same: to
 * believe nobody any more because an authority is late would be an outage, to forget what they revoke would be worse.
 */
final class RevocationListWatch {
    /** Its metric. */
    static final MetricEntry EXPIRY = MetricEntry.gauge(
            "penstock_revocation_list_expiry_seconds",
            "Seconds until the next of a CA bundle's revocation lists is over; negative when one is.",
            "bundle");

    private static final Logger LOG = LoggerFactory.getLogger(RevocationListWatch.class);

    private final Clock clock;

    // Guarded by this.
    private Map<String, Watched> watched = Map.of();

    // The control thread's.
    private NamedMap<CaBundleConfig> bundles = NamedMap.empty();

    private static final class Watched {
        final CaBundleConfig of;
        final Instant end;
        boolean isTold;

        Watched(CaBundleConfig of, Instant end) {
            this.of = of;
            this.end = end;
        }
    }

    RevocationListWatch(Clock clock) {
        this.clock = clock;
    }

    /** These hold from now on. Control thread. */
    void follow(NamedMap<CaBundleConfig> served) {
        if (served.equals(bundles)) {
            return;
        }
        bundles = served;
        Map<String, Watched> before = watched();
        Map<String, Watched> next = new TreeMap<>();
        for (CaBundleConfig bundle : served) {
            Watched known = before.get(bundle.name());
            if (!bundle.enabled()) {
                continue;
            }
            if (known != null && known.of.revocationLists().equals(bundle.revocationLists())) {
                next.put(bundle.name(), known);
            } else {
                end(bundle).ifPresent(end -> next.put(bundle.name(), new Watched(bundle, end)));
            }
        }
        synchronized (this) {
            watched = next;
        }
        look();
    }

    private static Optional<Instant> end(CaBundleConfig bundle) {
        try {
            return bundle.listsEnd();
        } catch (PemText.Unreadable unreadable) {
            throw new IllegalStateException("what is served was read before", unreadable);
        }
    }

    /** Tells of those that are over, once. Control thread. */
    void look() {
        Instant now = clock.instant();
        watched().forEach((name, each) -> {
            if (!each.isTold && !now.isBefore(each.end)) {
                each.isTold = true;
                LOG.error(
                        "a revocation list of CA bundle \"{}\" is over since {}: what was revoked since is believed; write a new one",
                        name,
                        each.end);
            }
        });
    }

    private synchronized Map<String, Watched> watched() {
        return watched;
    }

    /** Any thread. */
    void collect(Consumer<Sample> into) {
        Instant now = clock.instant();
        watched()
                .forEach((name, each) -> into.accept(
                        Sample.of(EXPIRY, Duration.between(now, each.end).toSeconds(), name)));
    }
}
