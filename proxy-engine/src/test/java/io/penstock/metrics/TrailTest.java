package io.penstock.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.metrics.TrailSteps.Kind;
import io.penstock.metrics.TrailSteps.Verdict;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

final class TrailTest {
    private static final AccessLogBounds BOUNDS = new AccessLogBounds(1024, 1024, 1 << 16);

    private final Trail trail = new Trail(4, 2, BOUNDS);
    private final AccessRecord record = new AccessRecord(BOUNDS.textBytes());
    private final TrailSteps steps = new TrailSteps();
    private long nowNs = -5;

    @Test
    void findsARequestWithItsDecisions() {
        steps.begin(1_000_000);
        steps.add(Kind.ROUTE, Verdict.CHOSEN, ascii("orders"), 1_002_000);
        steps.add(Kind.LIMIT, Verdict.PASSED, ascii("per-client"), 1_003_000);
        steps.add(Kind.ENDPOINT, Verdict.FAILED, Reason.CONNECT_FAILED, ascii("10.0.0.7:8080"), 3_000_000);
        steps.add(Kind.END, Verdict.REFUSED, Reason.NO_ENDPOINT, 4_000_000);
        record.clear();
        record.started(1_500_000)
                .status(503)
                .reason(Reason.NO_ENDPOINT)
                .duration(3_000_000)
                .tries(1)
                .text(AccessText.REQUEST_ID, ascii("one"))
                .text(AccessText.CLIENT_ADDRESS, new byte[] {127, 0, 0, 1})
                .steps(steps);
        record.store();
        trail.add(record, nowNs);

        TrailEntry entry = trail.find("one").orElseThrow();

        assertThat(entry.started()).isEqualTo(Instant.parse("1970-01-01T00:00:01.500Z"));
        assertThat(entry.clientAddress()).isEqualTo("127.0.0.1");
        assertThat(entry.reason()).contains(Reason.NO_ENDPOINT);
        assertThat(entry.upstreamDurationUs()).isEqualTo(-1);
        assertThat(entry.durationUs()).isEqualTo(3000);
        assertThat(entry.steps().stream().map(TrailStep::kind).toList())
                .isEqualTo(List.of(Kind.ROUTE, Kind.LIMIT, Kind.ENDPOINT, Kind.END));
        assertThat(entry.steps().get(2).detail()).isEqualTo("10.0.0.7:8080");
        assertThat(entry.steps().get(2).reason()).contains(Reason.CONNECT_FAILED);
        assertThat(entry.steps().get(2).elapsedUs()).isEqualTo(2000);
    }

    @Test
    void cutsALongNameRatherThanTheCodeBehindIt() {
        steps.begin(0);
        steps.add(Kind.AUTH, Verdict.FAILED, Reason.FILTER_FAILED, ascii("n".repeat(100)), "quarantined", 1);
        steps.add(Kind.AUTH, Verdict.FAILED, Reason.FILTER_FAILED, ascii("short"), "", 1);
        record.clear();
        record.text(AccessText.REQUEST_ID, ascii("x")).steps(steps);

        List<TrailStep> kept = TrailEntry.of(record).steps();

        assertThat(kept.getFirst().detail()).hasSize(64).endsWith("n: quarantined");
        assertThat(kept.getFirst().reason()).contains(Reason.FILTER_FAILED);
        assertThat(kept.getLast().detail()).isEqualTo("short");
    }

    @Test
    void findsIdsOfAnyLength() {
        Trail large = new Trail(64, 2, BOUNDS);
        for (int length = 1; length <= 64; length++) {
            record.clear();
            record.status(length + 200).text(AccessText.REQUEST_ID, ascii("i".repeat(length)));
            record.store();
            large.add(record, nowNs);
        }

        for (int length = 1; length <= 64; length++) {
            assertThat(large.find("i".repeat(length)).orElseThrow().status()).isEqualTo(length + 200);
        }
    }

    @Test
    void forgetsTheOldestFirst() {
        for (int i = 0; i < 6; i++) {
            nowNs += 250_000_000;
            add("r" + i, 200);
        }

        assertThat(trail.find("r1")).isEmpty();
        assertThat(trail.find("r2")).isPresent();
        assertThat(trail.recent(10).stream().map(TrailEntry::requestId).toList())
                .isEqualTo(List.of("r5", "r4", "r3", "r2"));
    }

    @Test
    void ofARushItRemembersSomeForASecond() {
        for (int i = 0; i < 100; i++) {
            nowNs += 10_000_000;
            add("r" + i, 200);
        }

        assertThat(trail.recent(10).stream().map(TrailEntry::requestId).toList())
                .isEqualTo(List.of("r75", "r50", "r25", "r3"));
    }

    @Test
    void aRushOfFailuresIsRememberedToTheLast() {
        for (int i = 0; i < 100; i++) {
            add("r" + i, 500);
        }

        assertThat(trail.failed(10).stream().map(TrailEntry::requestId).toList())
                .isEqualTo(List.of("r99", "r98"));
        assertThat(trail.find("r99")).isPresent();
    }

    @Test
    void remembersFailuresLongerThanGoodRequests() {
        add("bad", 502);
        for (int i = 0; i < 100; i++) {
            add("good" + i, 200);
        }

        assertThat(trail.find("bad")).isPresent();
        assertThat(trail.failed(5)).hasSize(1);
    }

    @Test
    void saysThatStepsWereLeftOut() {
        steps.begin(0);
        for (int i = 0; i < 100; i++) {
            steps.add(Kind.ENDPOINT, Verdict.FAILED, Reason.CONNECT_FAILED, ascii("10.0.0.7:8080"), i);
        }
        record.clear();
        record.text(AccessText.REQUEST_ID, ascii("x")).steps(steps);
        record.store();
        trail.add(record, nowNs);

        List<TrailStep> kept = trail.find("x").orElseThrow().steps();

        assertThat(kept).hasSize(TrailSteps.BYTES_MAX / 21);
        assertThat(kept.getLast().isFollowedByMore()).isTrue();
        assertThat(kept.getFirst().isFollowedByMore()).isFalse();
        assertThat(kept.getLast().kind()).isEqualTo(Kind.ENDPOINT);
    }

    @Test
    void showsTheStepsThatACutTrailStillHas() {
        AccessRecord small = new AccessRecord(64);
        steps.begin(0);
        for (int i = 0; i < 5; i++) {
            steps.add(Kind.LIMIT, Verdict.PASSED, ascii("twelve chars"), i);
        }
        small.clear();
        small.text(AccessText.REQUEST_ID, ascii("x")).steps(steps);

        TrailEntry entry = TrailEntry.of(small);

        assertThat(entry.isTruncated()).isTrue();
        assertThat(entry.steps()).hasSize(63 / 20);
    }

    private void add(String id, int status) {
        record.clear();
        record.status(status).text(AccessText.REQUEST_ID, ascii(id));
        record.store();
        trail.add(record, nowNs);
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
