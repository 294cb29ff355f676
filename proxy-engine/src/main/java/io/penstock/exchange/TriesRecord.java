package io.penstock.exchange;

import io.penstock.mark.WorkerConfined;
import io.penstock.metrics.Counter;
import io.penstock.metrics.Reason;
import io.penstock.metrics.SeriesCounter;
import io.penstock.metrics.TrailSteps;
import io.penstock.upstream.Endpoint;
import io.penstock.upstream.Upstream;
import org.jspecify.annotations.Nullable;

/** What is told of the tries of one exchange: their steps in the trail, their counters, and how long the last one took. */
@WorkerConfined
final class TriesRecord {
    private final ExchangeContext context;
    private final TrailSteps steps;
    private final byte[] digits = new byte[3];

    private @Nullable Upstream upstream;
    private @Nullable Endpoint endpoint;
    private int count;
    private long startNs;
    private long durationNs = -1;
    private boolean isTimed;

    TriesRecord(ExchangeContext context, TrailSteps steps) {
        this.context = context;
        this.steps = steps;
    }

    void upstream(Upstream chosen) {
        upstream = chosen;
    }

    /** A try begins. */
    void began(int number) {
        count = number;
    }

    void endpoint(Endpoint chosen) {
        endpoint = chosen;
        startNs = context.nowNs();
        isTimed = true;
        steps.add(TrailSteps.Kind.ENDPOINT, TrailSteps.Verdict.CHOSEN, chosen.nameBytes(), startNs);
    }

    void failed(Reason why, @Nullable Endpoint tried) {
        if (tried == null) {
            steps.add(TrailSteps.Kind.UPSTREAM, TrailSteps.Verdict.FAILED, why, context.nowNs());
        } else {
            endpoint = tried;
            steps.add(TrailSteps.Kind.ENDPOINT, TrailSteps.Verdict.FAILED, why, tried.nameBytes(), context.nowNs());
        }
        done();
    }

    void answered() {
        steps.add(TrailSteps.Kind.ANSWER, TrailSteps.Verdict.PASSED, context.nowNs());
    }

    /** An answer came that the client does not get. */
    void answerDropped(int status) {
        for (int i = digits.length - 1, left = status; i >= 0; i--, left /= 10) {
            digits[i] = (byte) ('0' + left % 10);
        }
        steps.add(TrailSteps.Kind.ANSWER, TrailSteps.Verdict.FAILED, digits, context.nowNs());
        done();
    }

    /** Another try begins beside those under way. */
    void hedged(int number) {
        count = number;
        hedge(Counter.HEDGES, SeriesCounter.UPSTREAM_HEDGES);
        steps.add(TrailSteps.Kind.UPSTREAM, TrailSteps.Verdict.HEDGED, context.nowNs());
    }

    /** Of several tries under way one is answered, which began at a time. */
    void won(Endpoint by, long beganNs, boolean isHedge) {
        endpoint = by;
        startNs = beganNs;
        isTimed = true;
        if (isHedge) {
            hedge(Counter.HEDGES_WON, SeriesCounter.UPSTREAM_HEDGES_WON);
        }
    }

    /** A try was not waited for any longer, since another endpoint was sooner. */
    void cancelled(Endpoint late) {
        steps.add(TrailSteps.Kind.ENDPOINT, TrailSteps.Verdict.CANCELLED, late.nameBytes(), context.nowNs());
    }

    private void hedge(Counter ofAll, SeriesCounter counter) {
        context.meters().counters().add(ofAll);
        Upstream asked = upstream;
        if (asked != null) {
            context.meters().counters().add(counter, asked.seriesId(), 1);
        }
    }

    /** Another try follows. */
    void followed(RetryCause cause) {
        context.meters().counters().add(Counter.RETRIES);
        context.meters().counters().add(cause.counter());
        Upstream asked = upstream;
        if (asked != null) {
            context.meters().counters().add(SeriesCounter.UPSTREAM_RETRIES, asked.seriesId(), 1);
        }
        steps.add(TrailSteps.Kind.UPSTREAM, TrailSteps.Verdict.RETRIED, context.nowNs());
    }

    /** Another try was wanted and does not follow. */
    void notFollowed(byte[] why) {
        steps.add(TrailSteps.Kind.UPSTREAM, TrailSteps.Verdict.REFUSED, why, context.nowNs());
    }

    /** The endpoint has no more part in the exchange. */
    void done() {
        if (isTimed) {
            isTimed = false;
            durationNs = context.nowNs() - startNs;
            context.meters().upstreamLatency().record(durationNs);
        }
    }

    // ---- for the record of the whole ----

    /** The upstream asked; null where none was. */
    @Nullable
    Upstream upstream() {
        return upstream;
    }

    /** The endpoint last tried; null where none was. */
    @Nullable
    Endpoint endpoint() {
        return endpoint;
    }

    int count() {
        return count;
    }

    /** How long the last try took, -1 where none reached an endpoint. */
    long durationNs() {
        return durationNs;
    }

    void reset() {
        upstream = null;
        endpoint = null;
        count = 0;
        startNs = 0;
        durationNs = -1;
        isTimed = false;
    }
}
