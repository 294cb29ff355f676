package io.penstock.exchange.limits;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.config.AnonymousAuthConfig;
import io.penstock.config.LimitConfig;
import io.penstock.config.OnMissing;
import io.penstock.config.PathMatch;
import io.penstock.config.Rate;
import io.penstock.config.Resource;
import io.penstock.config.RespondConfig;
import io.penstock.config.RouteConfig;
import io.penstock.config.RouteMatch;
import io.penstock.metrics.Reason;
import io.penstock.spi.FilterPhase;
import io.penstock.spi.Identity;
import io.penstock.worker.FakeFilter;
import io.penstock.worker.WorkerHarness;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Who shares a bucket with whom. Every limit here lets one request through and then none for an hour. */
final class LimitKeysTest {
    private final WorkerHarness worker = new WorkerHarness();
    private final FakeFilter who = new FakeFilter(FilterPhase.AUTH);

    @AfterEach
    void nothingIsLeft() {
        assertThat(worker.exchanges().running()).isZero();
        worker.close();
    }

    private void limitBy(OnMissing onMissing, String... key) {
        List<Resource> all = new ArrayList<>();
        all.add(WorkerHarness.listener().build());
        all.add(LimitConfig.named("one", Rate.parse("1/h"))
                .key(key)
                .onMissing(onMissing)
                .build());
        for (String name : List.of("a", "b")) {
            all.add(RouteConfig.named(name)
                    .matches(RouteMatch.of(PathMatch.prefix("/" + name)))
                    .auth(worker.auth("who", who), new AnonymousAuthConfig())
                    .respond(RespondConfig.DEFAULTS)
                    .limits("one")
                    .build());
        }
        worker.publish(all.toArray(Resource[]::new));
    }

    private void limitBy(String... key) {
        limitBy(OnMissing.SHARE, key);
    }

    private int get(String target, String... fields) {
        StringBuilder request = new StringBuilder("GET " + target + " HTTP/1.1\r\nHost: shop.example\r\n");
        for (String field : fields) {
            request.append(field).append("\r\n");
        }
        String answer = worker.client(request + "\r\n").sent();
        return Integer.parseInt(answer.substring(9, 12));
    }

    private static Identity identity(String consumer, String subject, String... groups) {
        return new Identity(consumer.isEmpty() ? null : consumer, subject, List.of(groups), Map.of());
    }

    private int getAs(Identity identity) {
        who.inRequest(call -> call.identify(identity));
        return get("/a");
    }

    @Test
    void withoutAKeyAllShareOneBucket() {
        limitBy();

        assertThat(List.of(get("/a"), get("/b"))).containsExactly(200, 429);
    }

    @Test
    void eachRouteHasItsOwn() {
        limitBy("route");

        assertThat(List.of(get("/a"), get("/b"), get("/a"), get("/b"))).containsExactly(200, 200, 429, 429);
    }

    @Test
    void eachClientHasItsOwn() {
        limitBy("clientAddress");

        assertThat(List.of(get("/a"), get("/b"))).containsExactly(200, 429);
    }

    @Test
    void headersAreToldApartByAllOfTheirValuesAndByNothingElse() {
        limitBy("header:X-Tenant");

        assertThat(get("/a", "X-Tenant: x")).isEqualTo(200);
        assertThat(get("/b", "x-tenant:  x ")).isEqualTo(429);
        assertThat(get("/a", "X-Tenant: y")).isEqualTo(200);
        assertThat(get("/a", "X-Tenant: X")).isEqualTo(200);
        assertThat(get("/a", "X-Tenant: x", "X-Tenant: y")).isEqualTo(200);
        assertThat(get("/a", "X-Tenant: xy")).isEqualTo(200);
        assertThat(get("/a", "X-Tenant: y", "X-Other: 1")).isEqualTo(429);
    }

    @Test
    void longHeadersAreToldApartByBothEndsAndTheirLength() {
        limitBy("header:Authorization");
        String same = "t".repeat(LimitKeys.HALF_BYTES_MAX * 3);

        assertThat(get("/a", "Authorization: " + same)).isEqualTo(200);
        assertThat(get("/a", "Authorization: " + same + "1")).isEqualTo(200);
        assertThat(get("/a", "Authorization: " + same + "2")).isEqualTo(200);
        assertThat(get("/a", "Authorization: 3" + same)).isEqualTo(200);
        assertThat(get("/a", "Authorization: " + same)).isEqualTo(429);
    }

    @Test
    void theHostIsTheOneThatRoutesSeeWhateverItsCaseAndPort() {
        limitBy("header:host");

        assertThat(get("/a")).isEqualTo(200);
        assertThat(worker.client("GET /a HTTP/1.1\r\nHost: SHOP.example\r\n\r\n")
                        .sent())
                .startsWith("HTTP/1.1 429 ");
        assertThat(worker.client("GET http://shop.example/a HTTP/1.1\r\nHost: shop.example\r\n\r\n")
                        .sent())
                .startsWith("HTTP/1.1 429 ");
        assertThat(worker.client("GET /a HTTP/1.1\r\nHost: other.example\r\n\r\n")
                        .sent())
                .startsWith("HTTP/1.1 200 ");
    }

    @Test
    void parametersAreComparedDecodedSoThatNoSpellingIsANewKey() {
        limitBy("query:tenant");

        assertThat(get("/a?tenant=x%20y")).isEqualTo(200);
        assertThat(get("/a?other=1&tenant=%78+y")).isEqualTo(429);
        assertThat(get("/a?t%65nant=x+y")).isEqualTo(429);
        assertThat(get("/a?tenant=z&tenant=x+y")).isEqualTo(200);
        assertThat(get("/a?tenant=")).isEqualTo(200);
        assertThat(get("/a?tenant")).isEqualTo(429);
    }

    @Test
    void combinationsTellThePairsApart() {
        limitBy("header:a", "query:b");

        assertThat(get("/a?b=1", "A: 1")).isEqualTo(200);
        assertThat(get("/a?b=2", "A: 1")).isEqualTo(200);
        assertThat(get("/a?b=1", "A: 2")).isEqualTo(200);
        assertThat(get("/a?b=1", "A: 1")).isEqualTo(429);
        assertThat(get("/a?b=", "A: 11")).isEqualTo(200);
        assertThat(get("/a?b=11", "A:")).isEqualTo(200);
    }

    @Test
    void routesWithoutAServiceLackIt() {
        limitBy("service");

        assertThat(List.of(get("/a"), get("/b"))).containsExactly(200, 429);
    }

    @Nested
    class AfterAuth {
        @Test
        void consumersAreToldApartByNameNotByCredential() {
            limitBy("consumer");

            assertThat(getAs(identity("acme", "key-1"))).isEqualTo(200);
            assertThat(getAs(identity("acme", "key-2"))).isEqualTo(429);
            assertThat(getAs(identity("other", "key-1"))).isEqualTo(200);
        }

        @Test
        void aSubjectThatOnlyAFilterKnowsNeverMeetsTheConsumerOfThatName() {
            limitBy("consumer");

            assertThat(getAs(identity("acme", ""))).isEqualTo(200);
            assertThat(getAs(identity("", "acme"))).isEqualTo(200);
            assertThat(getAs(identity("", "acme"))).isEqualTo(429);
        }

        @Test
        void groupsAreToldApartByTheFirst() {
            limitBy("consumerGroup");

            assertThat(getAs(identity("a", "", "gold", "beta"))).isEqualTo(200);
            assertThat(getAs(identity("b", "", "gold"))).isEqualTo(429);
            assertThat(getAs(identity("c", "", "beta"))).isEqualTo(200);
        }

        @Test
        void whoIsNotAdmittedTakesNothing() {
            limitBy("consumer");
            worker.publish(RouteConfig.named("a")
                    .matches(RouteMatch.of(PathMatch.prefix("/a")))
                    .auth(worker.auth("who", who))
                    .respond(RespondConfig.DEFAULTS)
                    .limits("one")
                    .build());

            assertThat(get("/a")).isEqualTo(401);
            assertThat(worker.count(Reason.RATE_LIMITED)).isZero();
        }

        @Test
        void variablesOfAuthenticatorsAreKeys() {
            limitBy("var:guard/tenant");
            List<Object> values = List.of("x", 7, 7L, 7.5, true, "7", "x");
            List<Integer> answers = new ArrayList<>();
            for (Object value : values) {
                who.inRequest(call -> call.variable("guard/tenant", value));
                answers.add(get("/a"));
            }

            // The two sevens are one number, whatever type the script's engine gave it.
            assertThat(answers).containsExactly(200, 200, 429, 200, 200, 200, 429);
        }

        @Test
        void theSecondHalfIsNotAskedWhereTheFirstRefuses() {
            limitBy("consumer");
            worker.publish(
                    LimitConfig.named("all", Rate.parse("1/h")).build(),
                    RouteConfig.named("a")
                            .matches(RouteMatch.of(PathMatch.prefix("/a")))
                            .auth(worker.auth("who", who))
                            .respond(RespondConfig.DEFAULTS)
                            .limits("one", "all")
                            .build());
            assertThat(getAs(identity("first", ""))).isEqualTo(200);

            assertThat(getAs(identity("second", ""))).isEqualTo(429);
            assertThat(who.requests()).isEqualTo(1);
        }
    }

    @Nested
    class WhatIsMissing {
        @Test
        void sharesOneBucketThatNoValueMeets() {
            limitBy("header:X-Tenant");

            assertThat(get("/a")).isEqualTo(200);
            assertThat(get("/b")).isEqualTo(429);
            assertThat(get("/a", "X-Tenant:")).isEqualTo(200);
        }

        @Test
        void isNotLimitedWhereTheLimitSkipsIt() {
            limitBy(OnMissing.SKIP, "header:X-Tenant");

            assertThat(List.of(get("/a"), get("/a"), get("/a"))).containsOnly(200);
            assertThat(get("/a", "X-Tenant: x")).isEqualTo(200);
            assertThat(get("/a", "X-Tenant: x")).isEqualTo(429);
        }

        @Test
        void isRefusedWhereTheLimitRefusesIt() {
            limitBy(OnMissing.REFUSE, "query:tenant");

            assertThat(worker.client("GET /a HTTP/1.1\r\nHost: a\r\n\r\n").sent())
                    .startsWith("HTTP/1.1 400 ")
                    .contains("X-Penstock-Reason: limit-key-missing\r\n")
                    .doesNotContain("Retry-After");
            assertThat(worker.count(Reason.LIMIT_KEY_MISSING)).isEqualTo(1);
            assertThat(get("/a?tenant=x")).isEqualTo(200);
        }

        @Test
        void isTheConsumerOfAnonymousRequests() {
            limitBy("consumer");

            assertThat(List.of(get("/a"), get("/a"))).containsExactly(200, 429);
        }
    }
}
