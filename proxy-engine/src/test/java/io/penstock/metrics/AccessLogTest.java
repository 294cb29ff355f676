package io.penstock.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.agrona.concurrent.SystemNanoClock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class AccessLogTest {
    private static final AccessLogBounds BOUNDS = new AccessLogBounds(1024, 512, 1 << 16);
    private static final Duration SOON = Duration.ofSeconds(20);

    @TempDir
    Path folder;

    private final Metrics metrics = new Metrics(4, SeriesBounds.usual());

    @Test
    void writesAllThatWasPublishedBeforeItIsClosed() throws IOException {
        try (AccessLog log = log()) {
            log.logs(List.of(spec("a", "{requestId}")));
            publish(log.publisher(0), 0, 1000);
            log.start();
        }

        assertThat(Files.readAllLines(folder.resolve("a"))).isEqualTo(ids(0, 1000));
    }

    @Test
    void dropsAndCountsWhatFindsTheRingFullAndNeverWaits() throws IOException {
        try (AccessLog log = log()) {
            log.logs(List.of(spec("a", "{requestId}")));
            publish(log.publisher(1), 0, 1024 + 76);
        }

        assertThat(Files.readAllLines(folder.resolve("a"))).isEqualTo(ids(0, 1024));
        assertThat(metrics.read().value(Counter.ACCESS_RECORDS_DROPPED)).isEqualTo(76);
        assertThat(metrics.read().value(Counter.ACCESS_RECORDS)).isEqualTo(1024);
    }

    @Test
    void losesNothingOfFourWorkersInBurstsWhileTheDiskKeepsUp() throws Exception {
        int bursts = 60;
        int burst = 500;
        try (AccessLog log = log()) {
            log.logs(List.of(spec("a", "{requestId}"), spec("b", "json")));
            log.start();
            List<Thread> workers = new ArrayList<>();
            for (int worker = 0; worker < 4; worker++) {
                AccessPublisher publisher = log.publisher(worker);
                int first = worker * 1_000_000;
                workers.add(Thread.ofPlatform().start(() -> {
                    for (int i = 0; i < bursts; i++) {
                        publish(publisher, first + i * burst, burst);
                        settle(log);
                    }
                }));
            }
            for (Thread worker : workers) {
                worker.join();
            }
        }

        List<String> lines = Files.readAllLines(folder.resolve("a"));
        assertThat(lines).hasSize(4 * bursts * burst);
        assertThat(Set.copyOf(lines)).hasSize(4 * bursts * burst);
        assertThat(Files.readAllLines(folder.resolve("b"))).hasSize(4 * bursts * burst);
        assertThat(metrics.read().value(Counter.ACCESS_RECORDS_DROPPED)).isZero();
    }

    @Test
    void changesLogsWhileItRuns() throws Exception {
        try (AccessLog log = log()) {
            AccessPublisher publisher = log.publisher(0);
            log.logs(List.of(spec("a", "{requestId}"), spec("b", "{requestId}")));
            log.start();
            publish(publisher, 0, 1);
            settle(log);
            log.logs(List.of(spec("a", "again {requestId}"), spec("c", "{requestId}")));
            settle(log);
            publish(publisher, 1, 1);
        }

        assertThat(folder.resolve("a")).hasContent("id0\nagain id1");
        assertThat(folder.resolve("b")).hasContent("id0");
        assertThat(folder.resolve("c")).hasContent("id1");
    }

    @Test
    void saysHowEachLogFares() throws Exception {
        Files.createSymbolicLink(folder.resolve("full"), Path.of("/dev/full"));
        try (AccessLog log = log()) {
            metrics.register(log);
            log.logs(List.of(spec("a", "{requestId}"), spec("full", "{requestId}")));
            log.start();
            publish(log.publisher(0), 0, 3);
            settle(log);

            assertThat(log.status()).hasSize(2);
            assertThat(log.status().get(0).records()).isEqualTo(3);
            assertThat(log.status().get(0).fault()).isEmpty();
            assertThat(log.status().get(1).fault()).isPresent();
            assertThat(PrometheusText.of(metrics.read()))
                    .contains("penstock_access_log_lines_total{log=\"a\"} 3")
                    .contains("penstock_access_log_faulty{log=\"full\"} 1");
        }
    }

    @Test
    void countsRecordsWithATextThatWasCut() {
        try (AccessLog log = log()) {
            AccessPublisher publisher = log.publisher(0);
            publisher.claim().text(AccessText.PATH, new byte[2000]);
            publisher.publish();
            publisher.publish();
        }

        assertThat(metrics.read().value(Counter.ACCESS_RECORDS_TRUNCATED)).isEqualTo(1);
        assertThat(metrics.read().value(Counter.ACCESS_RECORDS)).isEqualTo(1);
    }

    @Test
    void feedsTheTrailEvenWithoutALog() throws Exception {
        try (AccessLog log = log()) {
            log.start();
            publish(log.publisher(2), 7, 1);
            settle(log);

            assertThat(log.trail().find("id7")).isPresent();
        }
    }

    private AccessLog log() {
        return new AccessLog(metrics, BOUNDS, new Trail(100, 10, BOUNDS), SystemNanoClock.INSTANCE);
    }

    private AccessLogSpec spec(String name, String format) {
        return new AccessLogSpec(name, AccessLogFormat.parse(format), folder.resolve(name), 1 << 30, 2);
    }

    private static void settle(AccessLog log) {
        try {
            assertThat(log.settle(SOON)).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static void publish(AccessPublisher publisher, int first, int count) {
        for (int i = first; i < first + count; i++) {
            publisher.claim().text(AccessText.REQUEST_ID, ("id" + i).getBytes(StandardCharsets.UTF_8));
            publisher.publish();
        }
    }

    private static List<String> ids(int first, int count) {
        return IntStream.range(first, first + count).mapToObj(i -> "id" + i).collect(Collectors.toList());
    }
}
