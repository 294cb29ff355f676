package io.penstock.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.config.CalendarUnit;
import io.penstock.config.HeaderEdits;
import io.penstock.config.HeadersFilterConfig;
import io.penstock.config.LimitConfig;
import io.penstock.config.QuotaConfig;
import io.penstock.config.Rate;
import io.penstock.config.RouteConfig;
import io.penstock.exchange.limits.LimitReport;
import io.penstock.metrics.Reason;
import io.penstock.metrics.SeriesCounter;
import io.penstock.transport.FakeChannel;
import io.penstock.worker.WorkerHarness;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** What answers tell of limits and quotas. It is noon of a Sunday, by UTC. */
final class LimitAnswersTest {
    private static final String GET = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n";

    private final WorkerHarness worker = WorkerHarness.to("10.0.0.1:80");

    @AfterEach
    void nothingIsLeft() {
        assertThat(worker.exchanges().running()).isZero();
        worker.close();
    }

    private void limit(LimitConfig... limits) {
        RouteConfig.Builder route = WorkerHarness.route();
        List<String> names = new ArrayList<>();
        for (LimitConfig limit : limits) {
            worker.publish(limit);
            names.add(limit.name());
        }
        worker.publish(route.limits(names.toArray(String[]::new)).build());
    }

    private String get(String... fields) {
        FakeChannel client = worker.client(GET);
        String refusal = client.sent();
        if (!refusal.isEmpty()) {
            return refusal;
        }
        worker.endpoint().deliver(OK + String.join("", fields) + "\r\nok");
        return client.sent();
    }

    private static LimitConfig.Builder rate() {
        return LimitConfig.named("r", Rate.parse("1/s")).burst(3);
    }

    private static LimitConfig.Builder daily(long requests) {
        return LimitConfig.named("q", QuotaConfig.of(requests, CalendarUnit.DAY));
    }

    @Nested
    class OfARate {
        @Test
        void tellWhatIsLeftAndWhenThereIsMore() {
            limit(rate().build());

            assertThat(get())
                    .startsWith("HTTP/1.1 200 ")
                    .contains("RateLimit-Policy: \"r\";q=3;w=3\r\n")
                    .contains("RateLimit: \"r\";r=2;t=1\r\n");
            assertThat(get()).contains("RateLimit: \"r\";r=1;t=2\r\n");
            assertThat(get()).contains("RateLimit: \"r\";r=0;t=1\r\n");
            assertThat(get())
                    .startsWith("HTTP/1.1 429 ")
                    .contains("RateLimit-Policy: \"r\";q=3;w=3\r\n")
                    .contains("RateLimit: \"r\";r=0;t=1\r\n")
                    .contains("Retry-After: 1\r\n");
        }

        @Test
        void takeThePlaceOfWhatTheEndpointSays() {
            limit(rate().build());

            assertThat(get("RateLimit: \"up\";r=9\r\n", "ratelimit-policy: \"up\";q=9\r\n"))
                    .contains("RateLimit: \"r\";r=2;t=1\r\n")
                    .doesNotContain("up");
        }

        @Test
        void leaveTheEndpointsWordWhereTheyHaveNothingToTell() {
            limit(rate().headers(false).build());

            assertThat(get("RateLimit: \"up\";r=9\r\n"))
                    .contains("RateLimit: \"up\";r=9\r\n")
                    .doesNotContain("RateLimit-Policy");
        }

        @Test
        void tellOfEachInTheOrderInWhichTheyAreTaken() {
            limit(rate().build(), daily(10).build());

            assertThat(get())
                    .contains("RateLimit-Policy: \"r\";q=3;w=3, \"q\";q=10;w=86400\r\n")
                    .contains("RateLimit: \"r\";r=2;t=1, \"q\";r=9;t=43200\r\n");
        }

        @Test
        void tellOfAtMostSixteen() {
            LimitConfig[] many = new LimitConfig[LimitReport.POLICIES_MAX + 4];
            for (int i = 0; i < many.length; i++) {
                many[i] = LimitConfig.named("l" + i, Rate.parse("1/s")).burst(9).build();
            }
            limit(many);

            assertThat(get()).contains("\"l15\";r=8;t=1\r\n").doesNotContain("\"l16\"");
        }

        @Test
        void canBeTakenAwayByAFilter() {
            worker.publish(
                    rate().build(),
                    WorkerHarness.route()
                            .limits("r")
                            .filters(new HeadersFilterConfig(
                                    new HeaderEdits(Map.of(), Map.of(), List.of()),
                                    new HeaderEdits(Map.of(), Map.of(), List.of("RateLimit", "RateLimit-Policy"))))
                            .build());

            assertThat(get()).startsWith("HTTP/1.1 200 ").doesNotContain("RateLimit");
        }

        @Test
        void areNotTheNextExchanges() {
            limit(rate().build());
            get();
            worker.publish(WorkerHarness.route().build());

            assertThat(get()).doesNotContain("RateLimit");
        }
    }

    @Nested
    class OfAQuota {
        @Test
        void refuseUntilTheWindowEnds() {
            limit(daily(2).build());
            get();

            assertThat(get())
                    .contains("RateLimit-Policy: \"q\";q=2;w=86400\r\n")
                    .contains("RateLimit: \"q\";r=0;t=43200\r\n");
            assertThat(get())
                    .startsWith("HTTP/1.1 429 ")
                    .contains("X-Penstock-Reason: quota-exhausted\r\n")
                    .contains("Retry-After: 43200\r\n")
                    .contains("RateLimit: \"q\";r=0;t=43200\r\n");
            assertThat(worker.count(Reason.QUOTA_EXHAUSTED)).isEqualTo(1);
        }

        @Test
        void passAgainFromTheFirstSecondOfTheNext() {
            limit(daily(1).build());
            get();
            worker.timePasses(Duration.ofHours(12).minusSeconds(1));
            assertThat(get()).startsWith("HTTP/1.1 429 ").contains("Retry-After: 1\r\n");

            worker.timePasses(Duration.ofSeconds(1));

            assertThat(get()).startsWith("HTTP/1.1 200 ").contains("RateLimit: \"q\";r=0;t=86400\r\n");
            worker.timePasses(Duration.ofHours(24));
            worker.refreshWindows();
            assertThat(get()).startsWith("HTTP/1.1 200 ");
        }

        @Test
        void countTheDayOfAZone() {
            limit(LimitConfig.named("q", new QuotaConfig(1, CalendarUnit.DAY, "Europe/Berlin"))
                    .build());

            assertThat(get()).contains("RateLimit: \"q\";r=0;t=39600\r\n");
        }

        @Test
        void areNotSpentByWhatTheRateOfTheSameLimitRefuses() {
            limit(LimitConfig.named("both", Rate.parse("1/s"))
                    .burst(1)
                    .quota(QuotaConfig.of(2, CalendarUnit.DAY))
                    .build());

            assertThat(get())
                    .contains("RateLimit-Policy: \"both\";q=1;w=1, \"both.day\";q=2;w=86400\r\n")
                    .contains("RateLimit: \"both\";r=0;t=1, \"both.day\";r=1;t=43200\r\n");
            assertThat(get()).startsWith("HTTP/1.1 429 ").contains("X-Penstock-Reason: rate-limited\r\n");
            worker.timePasses(Duration.ofSeconds(1));
            assertThat(get()).startsWith("HTTP/1.1 200 ").contains("\"both.day\";r=0;");
            worker.timePasses(Duration.ofSeconds(1));
            assertThat(get()).startsWith("HTTP/1.1 429 ").contains("X-Penstock-Reason: quota-exhausted\r\n");
        }

        @Test
        void keepTheirCountOverRevisions() {
            limit(daily(1).build());
            get();

            limit(daily(2).note("more for everybody").build());

            assertThat(get()).startsWith("HTTP/1.1 200 ");
            assertThat(get()).startsWith("HTTP/1.1 429 ");
        }
    }

    @Test
    void everyOutcomeIsCountedByItsLimit() {
        limit(rate().burst(1).build(), daily(5).build());
        get();
        get();

        assertThat(worker.count(SeriesCounter.LIMIT_TAKEN)).isEqualTo(2);
        assertThat(worker.count(SeriesCounter.LIMIT_RATE_LIMITED)).isEqualTo(1);
        assertThat(worker.count(SeriesCounter.LIMIT_QUOTA_EXHAUSTED)).isZero();
    }
}
