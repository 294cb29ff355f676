package io.penstock.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.config.AnonymousAuthConfig;
import io.penstock.config.ApiKeyAuthConfig;
import io.penstock.config.ApiKeyCredentialConfig;
import io.penstock.config.AuthConfig;
import io.penstock.config.BasicAuthConfig;
import io.penstock.config.BasicCredentialConfig;
import io.penstock.config.ConsumerConfig;
import io.penstock.config.ConsumerGroupConfig;
import io.penstock.config.GroupsAuthConfig;
import io.penstock.config.HmacAuthConfig;
import io.penstock.config.HmacCredentialConfig;
import io.penstock.config.LimitConfig;
import io.penstock.config.Rate;
import io.penstock.config.Resource;
import io.penstock.config.ResourceType;
import io.penstock.config.SecretValue;
import io.penstock.config.ServiceConfig;
import io.penstock.metrics.Reason;
import io.penstock.transport.CloseCause;
import io.penstock.transport.FakeChannel;
import io.penstock.worker.WorkerHarness;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Built-in ways to find out who calls, by what clients send, the endpoint gets and clients hear. */
final class BuiltInAuthTest {
    private static final String KEY = "a-key-that-nobody-guesses-0001";
    private static final String PASSWORD = "correct horse: battery";
    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

    private final WorkerHarness worker = new WorkerHarness();

    @AfterEach
    void nothingIsLeft() {
        worker.close();
    }

    private static ConsumerConfig.Builder acme() {
        return ConsumerConfig.named("acme").groups("gold").credentials(ApiKeyCredentialConfig.of(KEY));
    }

    private void serve(ConsumerConfig.Builder consumer, AuthConfig... auth) {
        worker.publish(worker.config()
                .with(WorkerHarness.listener().build())
                .with(WorkerHarness.upstream("10.0.0.1:80").build())
                .with(ServiceConfig.named("backend", "backend").build())
                .with(ConsumerGroupConfig.named("gold").build())
                .with(consumer.build())
                .with(WorkerHarness.route().auth(auth).build()));
    }

    private void change(Resource resource) {
        worker.publish(worker.config().with(resource));
    }

    private FakeChannel get(String target, String... fields) {
        return worker.client("GET " + target + " HTTP/1.1\r\nHost: a\r\n"
                + (fields.length == 0 ? "" : String.join("\r\n", fields) + "\r\n") + "\r\n");
    }

    private String forwarded(String target, String... fields) {
        get(target, fields);
        FakeChannel endpoint = worker.endpoint();
        String sent = endpoint.sent();
        endpoint.deliver(OK);
        return sent;
    }

    private String refused(String target, String... fields) {
        String answer = get(target, fields).sent();
        assertThat(worker.connects()).isZero();
        return answer;
    }

    private static String basic(String pair) {
        return "Authorization: Basic " + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8));
    }

    @Nested
    final class AnApiKey {
        @Test
        void tellsTheUpstreamWhoCallsAndKeepsTheKeyFromIt() {
            serve(acme(), ApiKeyAuthConfig.inHeader("X-API-Key"));

            assertThat(forwarded("/a", "x-api-key: " + KEY, "X-Consumer-Name: root", "X-Consumer-Groups: admins"))
                    .contains("X-Consumer-Name: acme\r\n", "X-Consumer-Groups: gold\r\n")
                    .doesNotContain(KEY)
                    .doesNotContain("root")
                    .doesNotContain("admins");
        }

        @Test
        void inTheQueryLeavesTheOtherParametersAsTheyAre() {
            serve(acme(), ApiKeyAuthConfig.inQuery("key"));

            assertThat(forwarded("/a?b=%20c&key=" + KEY + "&d=1"))
                    .startsWith("GET /a?b=%20c&d=1 HTTP/1.1\r\n")
                    .doesNotContain(KEY);
        }

        @Test
        void aloneInTheQueryLeavesNoQuestionMark() {
            serve(acme(), ApiKeyAuthConfig.inQuery("key"));

            assertThat(forwarded("/a?key=" + KEY)).startsWith("GET /a HTTP/1.1\r\n");
        }

        @Test
        void inACookieLeavesTheOtherCookies() {
            serve(acme(), ApiKeyAuthConfig.inCookie("k"));

            assertThat(forwarded("/a", "Cookie: a=1; k=" + KEY + "; b=2"))
                    .contains("ookie: a=1; b=2\r\n")
                    .doesNotContain(KEY);
        }

        @Test
        void goesOnWhereTheEntrySaysSo() {
            serve(acme(), new ApiKeyAuthConfig(Optional.of("K"), Optional.empty(), Optional.empty(), false, true));

            assertThat(forwarded("/a", "K: " + KEY)).contains(KEY);
        }

        @Test
        void thatIsNotThereIsAskedFor() {
            serve(acme(), ApiKeyAuthConfig.inHeader("X-API-Key"));

            assertThat(refused("/a"))
                    .startsWith("HTTP/1.1 401 ")
                    .contains("X-Penstock-Reason: unauthenticated\r\n")
                    .contains("WWW-Authenticate: ApiKey realm=\"api\", in=\"header\", name=\"X-API-Key\"\r\n");
        }

        @ParameterizedTest
        @ValueSource(
                strings = {"a-key-that-nobody-guesses-0002", "a-key-that-nobody-guesses-000", "ÿþ", "x", "acme", "%00"})
        void ofNobodyIsRefusedAlsoWhereAnonymousWouldPass(String key) {
            serve(acme(), ApiKeyAuthConfig.inHeader("X-API-Key"), new AnonymousAuthConfig());

            assertThat(refused("/a", "X-API-Key: " + key))
                    .startsWith("HTTP/1.1 401 ")
                    .contains("X-Penstock-Reason: credential-invalid\r\n")
                    .contains("WWW-Authenticate: ApiKey")
                    .doesNotContain(key + "\n");
            assertThat(worker.count(Reason.CREDENTIAL_INVALID)).isEqualTo(1);
        }

        @Test
        void thatIsVeryLongIsRefusedWithoutBeingDigested() {
            serve(acme(), ApiKeyAuthConfig.inHeader("X-API-Key"));

            assertThat(refused("/a", "X-API-Key: " + "x".repeat(32 << 10)))
                    .contains("X-Penstock-Reason: credential-invalid\r\n");
        }

        @Test
        void thatStandsThereTwiceIsRefused() {
            serve(acme(), ApiKeyAuthConfig.inHeader("X-API-Key"));

            assertThat(refused("/a", "X-API-Key: " + KEY, "X-API-Key: " + KEY))
                    .contains("X-Penstock-Reason: credential-invalid\r\n");
        }

        @Test
        void thatIsEmptyIsNone() {
            serve(acme(), ApiKeyAuthConfig.inHeader("X-API-Key"), new AnonymousAuthConfig());

            assertThat(forwarded("/a", "X-API-Key:")).doesNotContain("X-Consumer-Name");
        }

        @Test
        void thatHasExpiredIsToldApart() {
            serve(
                    acme().credentials(new ApiKeyCredentialConfig(
                            new SecretValue.Given(KEY),
                            Optional.of(Instant.parse("2026-03-01T11:59:59Z")),
                            Optional.empty(),
                            true)),
                    ApiKeyAuthConfig.inHeader("X-API-Key"));

            assertThat(refused("/a", "X-API-Key: " + KEY))
                    .startsWith("HTTP/1.1 401 ")
                    .contains("X-Penstock-Reason: credential-expired\r\n");
        }

        @Test
        void thatIsRevokedCountsNoMoreFromTheRevisionOn() {
            serve(acme(), ApiKeyAuthConfig.inHeader("X-API-Key"));
            forwarded("/a", "X-API-Key: " + KEY);

            change(acme().credentials().build());

            assertThat(get("/a", "X-API-Key: " + KEY).sent()).startsWith("HTTP/1.1 401 ");
        }

        @Test
        void ofADisabledConsumerCountsNoMore() {
            serve(acme().enabled(false), ApiKeyAuthConfig.inHeader("X-API-Key"));

            assertThat(refused("/a", "X-API-Key: " + KEY)).startsWith("HTTP/1.1 401 ");
        }

        @Test
        void mayMoveToAnotherConsumerInOneEdit() {
            serve(acme(), ApiKeyAuthConfig.inHeader("X-API-Key"));

            worker.publish(worker.config()
                    .with(acme().credentials().build())
                    .with(ConsumerConfig.named("other")
                            .credentials(ApiKeyCredentialConfig.of(KEY))
                            .build()));

            assertThat(forwarded("/a", "X-API-Key: " + KEY)).contains("X-Consumer-Name: other\r\n");
        }

        @Test
        void ofAConsumerThatIsGoneCountsNoMore() {
            serve(acme(), ApiKeyAuthConfig.inHeader("X-API-Key"));

            worker.publish(worker.config().without(ResourceType.CONSUMERS, "acme"));

            assertThat(refused("/a", "X-API-Key: " + KEY)).startsWith("HTTP/1.1 401 ");
        }
    }

    @Nested
    final class AClientWithoutAuth {
        @Test
        void neverSaysItselfWhoItIs() {
            serve(acme());

            assertThat(forwarded("/a", "X-Consumer-Name: root", "x-consumer-anything: y"))
                    .doesNotContain("root")
                    .doesNotContain("anything");
        }
    }

    @Nested
    final class Limits {
        @Test
        void ofAConsumerAndItsGroupsAreTakenAfterAuth() {
            serve(acme().limits("mine"), ApiKeyAuthConfig.inHeader("X-API-Key"), new AnonymousAuthConfig());
            worker.publish(worker.config()
                    .with(LimitConfig.named("mine", Rate.parse("1/h")).build()));
            forwarded("/a", "X-API-Key: " + KEY);

            assertThat(get("/a", "X-API-Key: " + KEY).sent())
                    .startsWith("HTTP/1.1 429 ")
                    .contains("X-Penstock-Reason: rate-limited\r\n");
            forwarded("/a");
        }
    }

    @Nested
    final class APassword {
        private void serveAnn() {
            serve(acme().credentials(BasicCredentialConfig.of("ann", PASSWORD)), BasicAuthConfig.of("shop"));
        }

        private FakeChannel check(String... fields) {
            FakeChannel client = get("/a", fields);
            worker.passwords().run();
            worker.run();
            return client;
        }

        @Test
        void isCheckedElsewhereOnceAndThenKnown() {
            serveAnn();
            check(basic("ann:" + PASSWORD));
            assertThat(worker.endpoint().sent())
                    .contains("X-Consumer-Name: acme\r\n")
                    .doesNotContain("uthorization");
            worker.endpoint().deliver(OK);

            forwarded("/a", basic("ann:" + PASSWORD));

            assertThat(worker.passwords().ran()).isEqualTo(1);
        }

        @ParameterizedTest
        @ValueSource(strings = {"ann:wrong password", "bob:correct horse: battery", "ann:", ":", "ann:correct horse"})
        void thatIsWrongIsRefusedAndNotComparedAgainAtOnce(String pair) {
            serveAnn();

            assertThat(check(basic(pair)).sent())
                    .startsWith("HTTP/1.1 401 ")
                    .contains("X-Penstock-Reason: credential-invalid\r\n")
                    .contains("WWW-Authenticate: Basic realm=\"shop\", charset=\"UTF-8\"\r\n");
            assertThat(get("/a", basic(pair)).sent()).startsWith("HTTP/1.1 401 ");
            assertThat(worker.passwords().waiting()).isZero();
            assertThat(worker.passwords().ran()).isEqualTo(1);
        }

        @ParameterizedTest
        @ValueSource(strings = {"Basic", "Basic !!!", "Basic YW5u", "Basic YW5uOg", "basic ====", "Basic YW5uOng= x"})
        void thatIsMalformedIsNeverCompared(String value) {
            serveAnn();

            assertThat(refused("/a", "Authorization: " + value)).startsWith("HTTP/1.1 401 ");
            assertThat(worker.passwords().waiting()).isZero();
        }

        @Test
        void ofAnotherSchemeIsLeftToTheNextEntry() {
            serve(
                    acme().credentials(BasicCredentialConfig.of("ann", PASSWORD), ApiKeyCredentialConfig.of(KEY)),
                    BasicAuthConfig.of("shop"),
                    ApiKeyAuthConfig.inHeader("K"));

            assertThat(forwarded("/a", "Authorization: Bearer x", "K: " + KEY)).contains("X-Consumer-Name: acme\r\n");
        }

        @Test
        void thatWasChangedMeanwhileCountsNoMore() {
            serveAnn();
            FakeChannel client = get("/a", basic("ann:" + PASSWORD));
            change(acme().credentials().build());

            worker.passwords().run();
            worker.run();

            assertThat(client.sent()).startsWith("HTTP/1.1 401 ");
        }

        @Test
        void whoseClientHasGoneIdentifiesNobodyElse() {
            serveAnn();
            get("/a", basic("ann:" + PASSWORD)).fail(CloseCause.RESET);
            FakeChannel other = get("/a", basic("ann:wrong password"));

            worker.passwords().run();
            worker.run();

            assertThat(other.sent()).startsWith("HTTP/1.1 401 ");
            assertThat(worker.connects()).isZero();
        }

        @Test
        void isRefusedWhileTooManyWait() {
            serveAnn();
            worker.passwords().fill();

            assertThat(refused("/a", basic("ann:" + PASSWORD)))
                    .startsWith("HTTP/1.1 503 ")
                    .contains("X-Penstock-Reason: auth-busy\r\n");
        }
    }

    @Nested
    final class Groups {
        @Test
        void letTheirMembersPass() {
            serve(acme(), ApiKeyAuthConfig.inHeader("K"), GroupsAuthConfig.of("gold"));

            assertThat(forwarded("/a", "K: " + KEY)).contains("X-Consumer-Name: acme\r\n");
        }

        @Test
        void refuseEverybodyElseBy403() {
            serve(
                    ConsumerConfig.named("poor").credentials(ApiKeyCredentialConfig.of(KEY)),
                    ApiKeyAuthConfig.inHeader("K"),
                    GroupsAuthConfig.of("gold"));

            assertThat(refused("/a", "K: " + KEY))
                    .startsWith("HTTP/1.1 403 ")
                    .contains("X-Penstock-Reason: group-required\r\n");
        }

        @Test
        void askNobodyWhoIsNotKnown() {
            serve(acme(), ApiKeyAuthConfig.inHeader("K"), GroupsAuthConfig.of("gold"));

            assertThat(refused("/a")).startsWith("HTTP/1.1 401 ");
        }

        @Test
        void thatAreDisabledHaveNoMembers() {
            serve(acme(), ApiKeyAuthConfig.inHeader("K"), GroupsAuthConfig.of("gold"));
            change(ConsumerGroupConfig.named("gold").enabled(false).build());

            assertThat(refused("/a", "K: " + KEY)).startsWith("HTTP/1.1 403 ");
        }
    }

    @Nested
    final class ASignature {
        /** 2026-03-01T12:00:00Z, the harness's time of day. */
        private static final long NOW = 1_772_366_400L;

        private static final String SECRET = "a-shared-secret-of-some-length";

        private void serveSigned(String... components) {
            serve(acme().credentials(HmacCredentialConfig.of("acme-1", SECRET)), HmacAuthConfig.covering(components));
        }

        private static String mac(String base) throws Exception {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(SECRET.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
            return Base64.getEncoder().encodeToString(mac.doFinal(base.getBytes(StandardCharsets.UTF_8)));
        }

        private static String params(long created) {
            return "(\"@method\" \"@authority\" \"@path\" \"@query\");created=" + created
                    + ";keyid=\"acme-1\";alg=\"hmac-sha256\"";
        }

        private static String[] signed(String path, String query, long created) throws Exception {
            String params = params(created);
            String base = "\"@method\": GET\n\"@authority\": a\n\"@path\": " + path + "\n\"@query\": " + query
                    + "\n\"@signature-params\": " + params;
            return new String[] {"Signature-Input: sig1=" + params, "Signature: sig1=:" + mac(base) + ":"};
        }

        @Test
        void ofWhatWasSentLetsPassAndIsTakenOut() throws Exception {
            serveSigned("@method", "@authority", "@path", "@query");

            assertThat(forwarded("/a%7Eb?x=1", signed("/a%7Eb", "?x=1", NOW)))
                    .contains("X-Consumer-Name: acme\r\n")
                    .doesNotContain("ignature");
        }

        @Test
        void countsOnce() throws Exception {
            serveSigned("@method", "@path");
            String[] fields = signed("/a", "?", NOW);
            forwarded("/a", fields);

            assertThat(get("/a", fields).sent())
                    .startsWith("HTTP/1.1 401 ")
                    .contains("X-Penstock-Reason: credential-replayed\r\n");
            assertThat(worker.connects()).isEqualTo(1);
        }

        @Test
        void ofAnotherPathQueryOrTimeIsNotThisRequests() throws Exception {
            serveSigned("@method", "@path");

            assertThat(refused("/b", signed("/a", "?", NOW))).contains("credential-invalid");
            assertThat(refused("/a?x=1", signed("/a", "?", NOW))).contains("credential-invalid");
            String[] moved = signed("/a", "?", NOW);
            moved[0] = moved[0].replace("created=" + NOW, "created=" + (NOW + 1));
            assertThat(refused("/a", moved)).contains("credential-invalid");
        }

        @Test
        void outsideOfTheWindowIsStale() throws Exception {
            serveSigned("@method", "@path");

            assertThat(refused("/a", signed("/a", "?", NOW - 61))).contains("credential-expired");
            assertThat(refused("/a", signed("/a", "?", NOW + 61))).contains("credential-expired");
        }

        @Test
        void thatDoesNotCoverWhatItHasToIsRefused() throws Exception {
            serveSigned("@method", "@path", "content-digest");

            assertThat(refused("/a", signed("/a", "?", NOW))).contains("credential-invalid");
        }

        @Test
        void isTheOneOfTheStandardsExample() throws Exception {
            // RFC 9421, appendix B.2.5, but for the secret, which a configuration writes as text, and the time.
            serveSigned("date", "@authority", "content-type");
            String params = "(\"date\" \"@authority\" \"content-type\");created=" + NOW + ";keyid=\"acme-1\"";
            String base = "\"date\": Tue, 20 Apr 2021 02:07:55 GMT\n\"@authority\": example.com\n"
                    + "\"content-type\": application/json\n\"@signature-params\": " + params;

            FakeChannel client = worker.client("POST /foo?param=Value&Pet=dog HTTP/1.1\r\nHost: example.com\r\n"
                    + "Date: Tue, 20 Apr 2021 02:07:55 GMT\r\nContent-Type: application/json\r\n"
                    + "Content-Length: 0\r\nSignature-Input: sig-b25=" + params + "\r\n"
                    + "Signature: sig-b25=:" + mac(base) + ":\r\n\r\n");

            assertThat(client.sent()).isEmpty();
            assertThat(worker.endpoint().sent()).contains("X-Consumer-Name: acme\r\n");
            worker.endpoint().deliver(OK);
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "sig1=()",
                    "sig1=(\"@method\" \"@path\");created=1772366400",
                    "sig1=(\"@method\" \"@method\");created=1772366400;keyid=\"acme-1\"",
                    "sig1=(\"@method\" \"@path\");created=1772366400;keyid=\"acme-1\";alg=\"none\"",
                    "sig1=(\"@method\" \"@path\");created=1772366400;keyid=\"acme-1\";alg=\"rsa-v1_5-sha256\"",
                    "sig1=(\"@method\" \"@path\");created=1772366400;keyid=\"acme-1\", sig2=(\"@method\");created=1",
                    "sig1=(\"@method\";req \"@path\");created=1772366400;keyid=\"acme-1\"",
                    "sig1=(\"@method\" \"@path\");created=99999999999999999999;keyid=\"acme-1\"",
                    "sig1=(\"@method\" \"@path\");created=-1;keyid=\"acme-1\"",
                    "sig1=(\"@method\" \"@path\");keyid=\"a\";keyid=\"acme-1\";created=1772366400",
                    "sig1=(\"@method\" \"@path\");created=1772366400;keyid=\"nobody\"",
                    "=",
                    ";;;"
                })
        void thatIsMalformedOrOfAnotherKindIsRefused(String input) {
            serveSigned("@method", "@path");

            assertThat(refused(
                            "/a",
                            "Signature-Input: " + input,
                            "Signature: sig1=:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=:"))
                    .startsWith("HTTP/1.1 401 ")
                    .contains("X-Penstock-Reason: credential-invalid\r\n");
        }
    }
}
