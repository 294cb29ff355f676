package io.penstock.downstream;

import io.penstock.exchange.ExchangePool;
import io.penstock.http.ByteBuilder;
import io.penstock.http.Fields;
import io.penstock.http.HeadLimits;
import io.penstock.http.HeadWriter;
import io.penstock.http.HttpDate;
import io.penstock.http.RequestHeadParser;
import io.penstock.limit.KeyHash;
import io.penstock.limit.PermitTable;
import io.penstock.limit.RateTable;
import io.penstock.mark.WorkerConfined;
import io.penstock.metrics.WorkerCounters;
import io.penstock.snapshot.ProofBoard;
import io.penstock.transport.Loop;
import io.penstock.transport.TimerWheel;
import io.penstock.transport.tls.TlsMemory;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What all client connections of a worker use together. */
@WorkerConfined
public final class DownstreamContext {
    private static final int OUTPUT_BYTES = 4096;

    private final Loop loop;
    private final ExchangePool exchanges;
    private final RateTable rates;
    private final PermitTable permits;
    private final KeyHash keyHash;
    private final WorkerCounters counters;
    private final HttpDate date;
    private final ProofBoard proofs;
    private final HeadWriter headWriter;
    private final Http2Context http2 = new Http2Context();
    private final Http3Context http3 = new Http3Context(http2);
    private final AlternativeService alternative = new AlternativeService();
    private final ByteBuilder output = new ByteBuilder(OUTPUT_BYTES);
    // One idle parser per bound is nearly always enough: a head that arrives whole holds it for one call only.
    private final Map<HeadLimits, ArrayDeque<RequestHeadParser>> parsers = new HashMap<>();
    private final Fields noFields = new Fields();
    private @Nullable TlsMemory tlsMemory;
    private boolean isDraining;
    private long idleMaxNs;

    /**
     * What the worker gives its client side.
     *
     * @param date told the time by the worker
     * @param proofs what is shown to certificate authorities
     */
    public DownstreamContext(
            Loop loop,
            ExchangePool exchanges,
            RateTable rates,
            PermitTable permits,
            KeyHash keyHash,
            WorkerCounters counters,
            HttpDate date,
            ProofBoard proofs) {
        this.loop = loop;
        this.exchanges = exchanges;
        this.rates = rates;
        this.permits = permits;
        this.keyHash = keyHash;
        this.counters = counters;
        this.date = date;
        this.proofs = proofs;
        this.headWriter = new HeadWriter(date);
    }

    Loop loop() {
        return loop;
    }

    TimerWheel wheel() {
        return loop.wheel();
    }

    long nowNs() {
        return loop.nowNs();
    }

    ExchangePool exchanges() {
        return exchanges;
    }

    RateTable rates() {
        return rates;
    }

    PermitTable permits() {
        return permits;
    }

    KeyHash keyHash() {
        return keyHash;
    }

    WorkerCounters counters() {
        return counters;
    }

    HttpDate date() {
        return date;
    }

    ProofBoard proofs() {
        return proofs;
    }

    /** What HTTP/2 connections use besides. */
    Http2Context http2() {
        return http2;
    }

    /** What HTTP/3 connections use besides both. */
    Http3Context http3() {
        return http3;
    }

    /** What tells clients of TCP that there is HTTP/3. */
    AlternativeService alternative() {
        return alternative;
    }

    HeadWriter headWriter() {
        return headWriter;
    }

    /** Empty bytes to compose output in; used up before the next call. */
    ByteBuilder output() {
        output.clear();
        return output;
    }

    /** A section without fields, never written to. */
    Fields noFields() {
        return noFields;
    }

    /** What all TLS connections work in; made for the first. */
    TlsMemory tlsMemory() {
        TlsMemory made = tlsMemory;
        if (made == null) {
            made = new TlsMemory();
            tlsMemory = made;
        }
        return made;
    }

    RequestHeadParser takeParser(HeadLimits limits) {
        ArrayDeque<RequestHeadParser> idle = parsers.get(limits);
        RequestHeadParser parser = idle == null ? null : idle.pollLast();
        return parser == null ? new RequestHeadParser(limits) : parser;
    }

    void releaseParser(RequestHeadParser parser) {
        parser.reset();
        parsers.computeIfAbsent(parser.limits(), limits -> new ArrayDeque<>()).addLast(parser);
    }

    boolean isDraining() {
        return isDraining;
    }

    /** From now on each connection ends after its present response, or after its next one if that comes in time. */
    void drain(long idleMax) {
        isDraining = true;
        idleMaxNs = idleMax;
    }

    /** How long a connection without a request waits for one more while all of them end; 0 if only its listener does. */
    long idleMaxNs() {
        return idleMaxNs;
    }
}
