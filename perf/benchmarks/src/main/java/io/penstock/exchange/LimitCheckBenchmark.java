package io.penstock.exchange;

import io.penstock.config.CalendarUnit;
import io.penstock.config.LimitConfig;
import io.penstock.config.QuotaConfig;
import io.penstock.config.Rate;
import io.penstock.exchange.facts.EpochClock;
import io.penstock.exchange.facts.FilterNotes;
import io.penstock.exchange.facts.RequestLookup;
import io.penstock.exchange.limits.LimitCheck;
import io.penstock.exchange.limits.LimitPermits;
import io.penstock.exchange.limits.LimitSubject;
import io.penstock.http.ByteBuilder;
import io.penstock.http.Fields;
import io.penstock.http.HeadLimits;
import io.penstock.http.RequestHead;
import io.penstock.http.RequestHeadParser;
import io.penstock.limit.KeyHash;
import io.penstock.limit.KeyedPermitTable;
import io.penstock.limit.LimitPlan;
import io.penstock.limit.QuotaTable;
import io.penstock.limit.QuotaWindow;
import io.penstock.limit.RateTable;
import io.penstock.metrics.SeriesBounds;
import io.penstock.metrics.WorkerCounters;
import io.penstock.snapshot.RouteLimits;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.UnsafeBuffer;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** What one limit costs a request from its head on: the key hashed in place, the permit, the counter; and the answer's fields. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class LimitCheckBenchmark {
    private static final String REQUEST = """
            GET /api/orders?page=2&tenant=acme%20ltd HTTP/1.1\r
            Host: shop.example\r
            User-Agent: benchmark/1\r
            Accept: application/json\r
            X-Tenant: acme-limited\r
            Accept-Encoding: gzip\r
            \r
            """;

    @Param({"clientAddress", "header:x-tenant", "query:tenant", "quota"})
    String kind = "";

    private final RateTable rates = new RateTable(1 << 12, 0);
    private final QuotaTable quotas = new QuotaTable(1 << 12);
    private final RequestHead head = new RequestHead();
    private final RequestLookup lookup = new RequestLookup(head);
    private final LimitSubject subject = new LimitSubject(head, lookup, new FilterNotes(), (plan, key) -> {});
    private final LimitPlan[] limits = new LimitPlan[1];
    private final RouteLimits route = new RouteLimits(limits, new LimitPlan[0], 1, 2);
    private final Fields answer = new Fields();
    private final ByteBuilder text = new ByteBuilder(256);
    private final LimitCheck check;
    private long nowNs;

    public LimitCheckBenchmark() {
        EpochClock clock = new EpochClock(Clock.systemUTC());
        clock.measure(0);
        check = new LimitCheck(
                new LimitPermits(rates, quotas, clock),
                new KeyedPermitTable(1 << 12),
                new KeyHash(1, 2),
                new WorkerCounters(new SeriesBounds(4, 4, 4, 4)));
    }

    @Setup(Level.Trial)
    public void parse() {
        byte[] bytes = REQUEST.getBytes(StandardCharsets.ISO_8859_1);
        new RequestHeadParser(HeadLimits.DEFAULT).feed(new UnsafeBuffer(bytes), 0, bytes.length, head);
        lookup.begin(0, new byte[] {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -1, -1, 10, 0, 0, 7});
        LimitConfig config = kind.equals("quota")
                ? LimitConfig.named("limit", QuotaConfig.of(QuotaConfig.REQUESTS_MAX, CalendarUnit.DAY))
                        .key("clientAddress")
                        .build()
                : LimitConfig.named("limit", Rate.parse("1000000000/s"))
                        .key(kind)
                        .build();
        limits[0] = LimitPlan.of(
                config, 0, quota -> new QuotaWindow(quota.window(), ZoneId.of(quota.timeZone()), Instant.now()));
    }

    @TearDown
    public void close() {
        rates.close();
        quotas.close();
    }

    @Benchmark
    public Object check() {
        nowNs += 10_000;
        Object outcome = check.take(limits, route, subject, nowNs);
        subject.report().reset();
        return outcome;
    }

    /** The same, and both fields written into the head of the answer. */
    @Benchmark
    public Object checkAndTell() {
        nowNs += 10_000;
        Object outcome = check.take(limits, route, subject, nowNs);
        answer.reset();
        subject.report().writeTo(answer, text);
        subject.report().reset();
        return outcome;
    }
}
