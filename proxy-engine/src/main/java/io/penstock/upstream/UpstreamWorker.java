package io.penstock.upstream;

import io.penstock.discovery.OutcomeReport;
import io.penstock.limit.KeyHash;
import io.penstock.limit.PermitTable;
import io.penstock.mark.WorkerConfined;
import io.penstock.metrics.WorkerCounters;
import io.penstock.transport.Loop;
import io.penstock.transport.tls.TlsMemory;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What all upstreams of one worker use together. */
@WorkerConfined
final class UpstreamWorker {
    private final Loop loop;
    private final int workers;
    private final PermitTable permits;
    private final WorkerCounters counters;
    private final Chance chance;
    private final Http1Writing writing = new Http1Writing();
    private final Http2UpstreamWork http2 = new Http2UpstreamWork();
    private final RequestHash hash = new RequestHash();
    private Consumer<OutcomeReport> outcomes = report -> {};
    private KeyHash secret = new KeyHash(0, 0);
    private @Nullable TlsMemory tlsMemory;
    private boolean isDraining;

    UpstreamWorker(Loop loop, int workers, PermitTable permits, WorkerCounters counters, long seed) {
        this.loop = loop;
        this.workers = workers;
        this.permits = permits;
        this.counters = counters;
        this.chance = new Chance(seed);
    }

    Loop loop() {
        return loop;
    }

    /** How many workers share the permits. */
    int workers() {
        return workers;
    }

    PermitTable permits() {
        return permits;
    }

    WorkerCounters counters() {
        return counters;
    }

    Chance chance() {
        return chance;
    }

    /** Sets the key under which clients see what they must not understand. */
    void secret(KeyHash keyed) {
        secret = keyed;
    }

    KeyHash secret() {
        return secret;
    }

    RequestHash hash() {
        return hash;
    }

    Http1Writing writing() {
        return writing;
    }

    Http2UpstreamWork http2() {
        return http2;
    }

    /** Has what becomes of requests told. */
    void outcomes(Consumer<OutcomeReport> hears) {
        outcomes = hears;
    }

    void report(OutcomeReport report) {
        outcomes.accept(report);
    }

    /** What TLS connections work in; made with the first. */
    TlsMemory tlsMemory() {
        TlsMemory made = tlsMemory;
        if (made == null) {
            made = new TlsMemory();
            tlsMemory = made;
        }
        return made;
    }

    /** Whether connections are no longer kept. */
    boolean isDraining() {
        return isDraining;
    }

    void drain() {
        isDraining = true;
    }
}
