package io.penstock.filter;

import com.nimbusds.jose.util.JSONObjectUtils;
import io.penstock.config.UpstreamTlsConfig;
import io.penstock.mark.SharedByWorkers;
import io.penstock.mark.WorkerConfined;
import io.penstock.spi.FilterWorker;
import io.penstock.spi.Outbound;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.text.ParseException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads key sets, and other documents that issuers publish, by requests of the workers that need them, and remembers them for all filters of
 * that worker, also of later revisions. Whatever tokens say, a worker reads one address at most once in ten seconds; what cannot be read is
 * served as it was before. Itself without state: that is with the worker.
 */
@SharedByWorkers
public final class IssuerDocuments implements KeySets {
    private static final Logger LOG = LoggerFactory.getLogger(IssuerDocuments.class);
    private static final Duration READ_MAX = Duration.ofSeconds(5);
    private static final long PAUSE_NS = 10_000_000_000L;
    private static final int DOCUMENT_BYTES_MAX = 1 << 20;
    private static final int DOCUMENTS_MAX = 1024;
    private static final int WAITING_MAX = 4096;
    private static final int OK = 200;
    private static final List<Map.Entry<String, String>> HEADERS =
            List.of(Map.entry("Accept", "application/jwk-set+json, application/json"));

    @Override
    public void ask(
            FilterWorker worker,
            URI address,
            Optional<UpstreamTlsConfig> tls,
            Duration ttl,
            boolean isMissing,
            Consumer<Document> heard) {
        worker.kept(Shelf.class, Shelf::new).ask(worker, new Address(address, tls), ttl, isMissing, heard);
    }

    private record Address(URI at, Optional<UpstreamTlsConfig> tls) {}

    /** What one worker knows. */
    @WorkerConfined
    private static final class Shelf {
        private final Map<Address, Known> documents = new LinkedHashMap<>(16, 0.75f, true);

        void ask(FilterWorker worker, Address address, Duration ttl, boolean isMissing, Consumer<Document> heard) {
            Known known = known(address);
            boolean isFull = known.waiting.size() >= WAITING_MAX;
            if (isFull || !(known.isAsking || known.isDue(worker.nowNs(), ttl, isMissing))) {
                worker.post(() -> heard.accept(known.document));
                return;
            }
            known.waiting.add(heard);
            if (!known.isAsking) {
                known.ask(worker);
            }
        }

        private Known known(Address address) {
            Known there = documents.get(address);
            if (there != null) {
                return there;
            }
            if (documents.size() >= DOCUMENTS_MAX) {
                // Whoever waits for it hears of it all the same.
                Iterator<Known> eldest = documents.values().iterator();
                eldest.next();
                eldest.remove();
            }
            Known made = new Known(address);
            documents.put(address, made);
            return made;
        }
    }

    /** One document, and who waits for it. */
    @WorkerConfined
    private static final class Known {
        private final Address address;
        private final List<Consumer<Document>> waiting = new ArrayList<>();
        private Document document = Document.read("");
        private boolean isAsking;
        private boolean wasTried;
        private long readAtNs;
        private long triedAtNs;

        Known(Address address) {
            this.address = address;
        }

        boolean isDue(long nowNs, Duration ttl, boolean isMissing) {
            if (!wasTried) {
                return true;
            }
            boolean isOld = nowNs - readAtNs > ttl.toNanos();
            boolean isPausing = nowNs - triedAtNs < PAUSE_NS;
            return !isPausing && (isOld || isMissing || document.text().isEmpty());
        }

        void ask(FilterWorker worker) {
            isAsking = true;
            OwnTarget target;
            try {
                target = OwnTarget.of(address.at.toString(), address.tls);
            } catch (IllegalArgumentException noTarget) {
                unread("bad-url", String.valueOf(noTarget.getMessage()), worker);
                return;
            }
            worker.outbound()
                    .send(
                            target.request("GET", HEADERS, new byte[0], READ_MAX, DOCUMENT_BYTES_MAX),
                            new Outbound.Listener() {
                                @Override
                                public void responded(Outbound.Response response) {
                                    read(response, worker);
                                }

                                @Override
                                public void failed(String reason, String detail) {
                                    unread(reason, detail, worker);
                                }
                            });
        }

        private void read(Outbound.Response response, FilterWorker worker) {
            if (response.status() != OK) {
                unread("wrong-status", "status " + response.status() + ", wanted 200", worker);
                return;
            }
            String text = new String(response.body(), StandardCharsets.UTF_8);
            try {
                JSONObjectUtils.parse(text);
            } catch (ParseException | RuntimeException noObject) {
                // It takes the place of nothing that was read before.
                unread("no-json", "the answer is no JSON object", worker);
                return;
            }
            readAtNs = worker.nowNs();
            over(Document.read(text), worker);
        }

        private void unread(String code, String fault, FilterWorker worker) {
            if (!document.fault().equals(fault)) {
                // Once for each fault, so that a worker writes no line for each of its tries.
                LOG.warn(
                        "what {} publishes cannot be read ({}: {}); {}",
                        address.at,
                        code,
                        fault,
                        document.text().isEmpty() ? "its tokens are refused" : "what was read before goes on");
            }
            if (!wasTried) {
                readAtNs = worker.nowNs();
            }
            over(document.unread(code, fault), worker);
        }

        private void over(Document next, FilterWorker worker) {
            document = next;
            isAsking = false;
            wasTried = true;
            triedAtNs = worker.nowNs();
            List<Consumer<Document>> those = List.copyOf(waiting);
            waiting.clear();
            // Each by itself, so that none hears of another's defect.
            those.forEach(heard -> worker.post(() -> heard.accept(next)));
        }
    }
}
