package io.penstock.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

final class MetricsTest {
    private final Metrics metrics = new Metrics(2, new SeriesBounds(4, 100, 4, 4));

    @Test
    void addsUpWhatTheWorkersCounted() {
        metrics.counters(0).add(Counter.REQUESTS, 5);
        metrics.counters(1).add(Counter.REQUESTS);
        metrics.counters(0).refused(Reason.NO_ROUTE);
        metrics.counters(1).refused(Reason.NO_ROUTE);
        metrics.counters(0).responded(204);
        metrics.counters(0).responded(999);
        metrics.counters(0).add(Counter.CONNECTIONS_OPEN, 3);
        metrics.counters(0).add(Counter.CONNECTIONS_OPEN, -1);

        MetricsReading reading = metrics.read();

        assertThat(reading.value(Counter.REQUESTS)).isEqualTo(6);
        assertThat(reading.value(Reason.NO_ROUTE)).isEqualTo(2);
        assertThat(reading.value(Reason.BAD_PATH)).isZero();
        assertThat(reading.value(Counter.RESPONSES_2XX)).isEqualTo(1);
        assertThat(reading.value(Counter.RESPONSES_5XX)).isEqualTo(1);
        assertThat(reading.value(Counter.CONNECTIONS_OPEN)).isEqualTo(2);
    }

    @Nested
    class Series {
        private final SeriesNames routes = metrics.names(Family.ROUTE);

        @Test
        void areNamedWhenRead() {
            routes.assign(70, "orders");
            count(0, 70, 3);
            count(1, 70, 4);

            assertThat(read()).isEqualTo(Map.of("orders", 7L));
        }

        @Test
        void endInOneCalledOtherBeyondTheBound() {
            routes.assign(100, "late");
            count(0, 100, 3);
            count(0, 1_000_000, 2);
            count(0, -1, 1);

            assertThat(read()).isEqualTo(Map.of("other", 6L));
        }

        @Test
        void doNotGiveTheCountsOfAnOldMemberToTheNextWithItsId() {
            routes.assign(1, "old");
            count(0, 1, 3);
            routes.release(1);
            routes.assign(1, "new");
            count(0, 1, 2);

            assertThat(read()).isEqualTo(Map.of("new", 2L));
        }

        @Test
        void goOnWhenAMemberMovesToAnotherId() {
            routes.assign(1, "orders");
            count(0, 1, 3);
            routes.assign(2, "orders");
            count(0, 2, 2);
            assertThat(read()).isEqualTo(Map.of("orders", 5L));

            routes.release(1);
            routes.assign(1, "else");

            assertThat(read()).isEqualTo(Map.of("orders", 5L, "else", 0L));
        }

        @Test
        void vanishWithTheirMember() {
            routes.assign(1, "orders");
            count(0, 1, 3);
            routes.release(1);

            assertThat(read()).isEmpty();
        }

        @Test
        void countClassesOfStatusByMember() {
            routes.assign(0, "orders");
            metrics.counters(0).responded(SeriesCounter.ROUTE_RESPONSES_1XX, 0, 404);

            SeriesReading reading = metrics.read().series(Family.ROUTE).getFirst();

            assertThat(reading.value(SeriesCounter.ROUTE_RESPONSES_4XX)).isEqualTo(1);
            assertThat(reading.value(SeriesCounter.ROUTE_RESPONSES_5XX)).isZero();
        }

        private void count(int worker, int id, long n) {
            metrics.counters(worker).add(SeriesCounter.ROUTE_BYTES_OUT, id, n);
        }

        private Map<String, Long> read() {
            Map<String, Long> found = new HashMap<>();
            metrics.read()
                    .series(Family.ROUTE)
                    .forEach(
                            series -> found.put(series.name().getFirst(), series.value(SeriesCounter.ROUTE_BYTES_OUT)));
            return found;
        }
    }

    @Nested
    class Latencies {
        @Test
        void keepWhatEarlierReadersSaw() {
            metrics.requestLatency(0).record(1_000_000);
            metrics.read();
            metrics.requestLatency(1).record(3_000_000);

            LatencyReading reading = metrics.read().requestLatency();

            assertThat(reading.count()).isEqualTo(2);
            assertThat(reading.sumNs()).isEqualTo(4_000_000);
            assertThat(reading.percentileNs(50)).isCloseTo(1_000_000, within(10_000L));
            assertThat(reading.maxNs()).isCloseTo(3_000_000, within(30_000L));
            assertThat(reading.countUpTo(2_000_000)).isEqualTo(1);
        }

        @Test
        void takeAnyDuration() {
            metrics.requestLatency(0).record(-5);
            metrics.requestLatency(0).record(0);
            metrics.requestLatency(0).record(Long.MAX_VALUE);

            assertThat(metrics.read().requestLatency().count()).isEqualTo(3);
        }

        @Test
        void loseNothingToReadersWhileTheWorkerRecords() throws InterruptedException {
            AtomicBoolean done = new AtomicBoolean();
            Thread worker = Thread.ofPlatform().start(() -> {
                for (int i = 0; i < 500_000; i++) {
                    metrics.requestLatency(0).record(i);
                }
                done.set(true);
            });
            long before = 0;
            while (!done.get()) {
                long count = metrics.read().requestLatency().count();
                assertThat(count).isGreaterThanOrEqualTo(before);
                before = count;
            }
            worker.join();

            assertThat(metrics.read().requestLatency().count()).isEqualTo(500_000);
        }
    }

    @Nested
    class InPrometheusText {
        @Test
        void haveHelpAndTypeOnceForEachMetric() {
            metrics.register(new ProcessSamples("1.2.3"));
            String text = PrometheusText.of(metrics.read());

            List<String> types =
                    text.lines().filter(line -> line.startsWith("# TYPE")).toList();
            assertThat(types).doesNotHaveDuplicates().allMatch(line -> line.startsWith("# TYPE penstock_"));
            assertThat(text)
                    .contains("""
                            # HELP penstock_requests_total Requests whose head was read, refused ones included.
                            # TYPE penstock_requests_total counter
                            penstock_requests_total 0
                            """)
                    .contains("penstock_refusals_total{reason=\"no-route\",side=\"self\"} 0\n")
                    .contains("penstock_build_info{version=\"1.2.3\",")
                    .contains("penstock_open_file_descriptors ")
                    .endsWith("\n");
        }

        @Test
        void escapeLabelValues() {
            metrics.names(Family.LISTENER).assign(0, "a\"b\\c\nd");
            metrics.counters(0).add(SeriesCounter.LISTENER_REQUESTS, 0, 1);

            assertThat(PrometheusText.of(metrics.read()))
                    .contains("penstock_listener_requests_total{listener=\"a\\\"b\\\\c\\nd\"} 1\n");
        }

        @Test
        void showLatenciesAsCumulativeBuckets() {
            metrics.requestLatency(0).record(200_000);
            metrics.requestLatency(0).record(2_000_000_000);

            assertThat(PrometheusText.of(metrics.read()))
                    .contains("""
                            penstock_request_duration_seconds_bucket{le="0.0001"} 0
                            penstock_request_duration_seconds_bucket{le="0.00025"} 1
                            """)
                    .contains("""
                            penstock_request_duration_seconds_bucket{le="1"} 1
                            penstock_request_duration_seconds_bucket{le="2.5"} 2
                            """)
                    .contains("""
                            penstock_request_duration_seconds_bucket{le="+Inf"} 2
                            penstock_request_duration_seconds_sum 2.0002
                            penstock_request_duration_seconds_count 2
                            """);
        }

        @Test
        void areAllInTheCatalogue() {
            metrics.register(new ProcessSamples("1"));
            metrics.names(Family.ENDPOINT).assign(0, "u", "1.2.3.4:5");

            List<String> known =
                    CounterCatalog.entries().stream().map(MetricEntry::name).toList();

            assertThat(known).doesNotHaveDuplicates();
            assertThat(PrometheusText.of(metrics.read())
                            .lines()
                            .filter(line -> line.startsWith("# TYPE"))
                            .map(line -> line.substring("# TYPE ".length(), line.lastIndexOf(' '))))
                    .allMatch(known::contains);
            assertThat(CounterCatalog.markdown()).contains("| `penstock_retries_total` | counter |");
        }
    }
}
