package io.penstock.plugin;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.plugin.kv.KeyValues;
import io.penstock.plugin.kv.Operation;
import io.penstock.spi.Answer;
import io.penstock.spi.Filter;
import io.penstock.spi.Verdict;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The examples of the kit, as they lie in its folder, in the real host. */
@Tag("both-modes")
final class KitExamplesTest {
    private static final Path EXAMPLES = Path.of("kit/examples");
    private static final String SECRET = "0123456789abcdef0123456789abcdef";

    private final PluginHarness harness = new PluginHarness();
    private final FakeExchange exchange = harness.exchange();

    @AfterEach
    void close() {
        harness.close();
    }

    private Filter example(String name, String config) {
        return harness.bind(harness.upload(zip(name)), config);
    }

    private static byte[] zip(String name) {
        Path folder = EXAMPLES.resolve(name);
        PackageFixture files = new PackageFixture();
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path file : all.filter(Files::isRegularFile).toList()) {
                files.file(folder.relativize(file).toString(), Files.readString(file));
            }
        } catch (IOException missing) {
            throw new UncheckedIOException(missing);
        }
        return files.zip();
    }

    /** The verdict, also of a hook that waits for what other threads do. */
    private Verdict settled(Verdict verdict) {
        return verdict instanceof Verdict.Suspended ? resumed() : verdict;
    }

    private Verdict resumed() {
        while (!harness.worker.resumed.containsKey(exchange.ticket)) {
            harness.worker.awaitPost();
        }
        return requireNonNull(harness.worker.resumed.get(exchange.ticket));
    }

    private Verdict request(Filter filter) {
        return settled(filter.onRequest(exchange, exchange));
    }

    private static Answer answer(Verdict verdict) {
        assertThat(verdict).isInstanceOf(Verdict.Answered.class);
        return ((Verdict.Answered) verdict).answer();
    }

    private static String body(Verdict verdict) {
        return new String(answer(verdict).body(), StandardCharsets.UTF_8);
    }

    @Test
    void headerTransformEditsBothHeads() {
        Filter filter = example("header-transform", """
                {"request": {"set": {"x-route": "${route} ${client}"}, "remove": ["x-token"]},
                 "response": {"add": {"via": "gate ${requestId}"}}}
                """);
        exchange.header("X-Token", "secret");

        assertThat(request(filter)).isSameAs(Verdict.CONTINUE);
        assertThat(settled(filter.onResponse(exchange.response(), exchange))).isSameAs(Verdict.CONTINUE);

        assertThat(exchange.sentHeader("x-route")).isEqualTo("orders 192.0.2.7");
        assertThat(exchange.sentHeader("x-token")).isNull();
        assertThat(exchange.replyHeader("via")).isEqualTo("gate req-1");
    }

    @Nested
    class JwtGuard {
        private static final String HEAD = "{\"alg\":\"HS256\",\"typ\":\"JWT\"}";

        private Filter guard() {
            String key = base64(SECRET);
            return example(
                    "jwt-guard",
                    "{\"issuer\": \"https://login.example\", \"audience\": \"shop\", \"keys\": [{\"kty\": \"oct\", \"k\": \""
                            + key + "\"}]}");
        }

        private static String base64(String text) {
            return Base64.getUrlEncoder().withoutPadding().encodeToString(text.getBytes(StandardCharsets.UTF_8));
        }

        private static String token(String head, String claims, String secret) throws Exception {
            String signed = base64(head) + "." + base64(claims);
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
            return signed + "."
                    + Base64.getUrlEncoder()
                            .withoutPadding()
                            .encodeToString(mac.doFinal(signed.getBytes(StandardCharsets.UTF_8)));
        }

        private static String claims(String issuer, long exp) {
            return "{\"iss\":\"" + issuer + "\",\"aud\":[\"shop\"],\"sub\":\"ana\",\"groups\":[\"staff\"],\"exp\":"
                    + exp + "}";
        }

        private Verdict offered(String token) {
            exchange.header("Authorization", "Bearer " + token);
            return request(guard());
        }

        @Test
        void knowsWhoCalls() throws Exception {
            Verdict verdict = offered(token(HEAD, claims("https://login.example", 4_102_444_800L), SECRET));

            assertThat(verdict).isSameAs(Verdict.CONTINUE);
            assertThat(exchange.identity).isNotNull().asString().contains("ana", "staff");
        }

        @Test
        void refusesAForgedOne() throws Exception {
            Verdict verdict = offered(token(HEAD, claims("https://login.example", 4_102_444_800L), "another" + SECRET));

            assertThat(answer(verdict).status()).isEqualTo(401);
            assertThat(exchange.identity).isNull();
        }

        @Test
        void refusesOneThatChoosesNotToBeChecked() throws Exception {
            Verdict verdict =
                    offered(token("{\"alg\":\"none\"}", claims("https://login.example", 4_102_444_800L), SECRET));

            assertThat(answer(verdict).status()).isEqualTo(401);
        }

        @Test
        void refusesAnExpiredOneAndOneOfAnotherIssuer() throws Exception {
            assertThat(answer(offered(token(HEAD, claims("https://login.example", 1_000), SECRET)))
                            .status())
                    .isEqualTo(401);
            assertThat(answer(offered(token(HEAD, claims("https://evil.example", 4_102_444_800L), SECRET)))
                            .status())
                    .isEqualTo(401);
        }

        @Test
        void refusesWhatIsNoToken() {
            assertThat(answer(offered("a.b")).status()).isEqualTo(401);
            assertThat(answer(offered("%%%.%%%.%%%")).status()).isEqualTo(401);
        }

        @Test
        void leavesOthersWithoutATokenToTheNext() {
            assertThat(request(guard())).isSameAs(Verdict.CONTINUE);
            assertThat(exchange.identity).isNull();
        }
    }

    @Nested
    class ApiKey {
        @TempDir
        private Path folder;

        private PluginHarness keeping = harness;

        @AfterEach
        void closeStore() {
            keeping.close();
        }

        /** The example over a store that knows one key, of ana. */
        private Verdict offered(@Nullable String key) throws Exception {
            keeping = PluginHarness.keepingIn(folder);
            String use = keeping.upload(zip("api-key"));
            byte[] digest = MessageDigest.getInstance("SHA-256").digest("k-1".getBytes(StandardCharsets.UTF_8));
            keep(use, HexFormat.of().formatHex(digest), "\"ana\"");
            FakeExchange caller = keeping.exchange();
            if (key != null) {
                caller.header("X-Api-Key", key);
            }
            Verdict verdict = keeping.bind(use, "{}").onRequest(caller, caller);
            while (verdict instanceof Verdict.Suspended && keeping.worker.verdictOf(caller.ticket) == null) {
                keeping.worker.awaitPost();
            }
            met = caller;
            return verdict instanceof Verdict.Suspended
                    ? requireNonNull(keeping.worker.verdictOf(caller.ticket))
                    : verdict;
        }

        private FakeExchange met = exchange;

        private void keep(String use, String key, String json) {
            String[] parts = use.split("@", 2);
            KeyValues store = requireNonNull(
                    keeping.library.runtime().storeOf(requireNonNull(keeping.library.find(parts[0], parts[1]))));
            CompletableFuture<@Nullable String> put = new CompletableFuture<>();
            store.ask(new Operation.Put("keys", key, json, 0), new KeyValues.Answer() {
                @Override
                public void done(@Nullable String value) {
                    put.complete(value);
                }

                @Override
                public void refused(String why) {
                    put.completeExceptionally(new AssertionError(why));
                }
            });
            put.orTimeout(60, TimeUnit.SECONDS).join();
        }

        @Test
        void knowsWhoHasTheKeyAndSendsTheKeyNoFurther() throws Exception {
            assertThat(offered("k-1")).isSameAs(Verdict.CONTINUE);
            assertThat(met.identity).isNotNull().asString().contains("ana");
            assertThat(met.sentHeader("x-api-key")).isNull();
        }

        @Test
        void refusesAKeyThatTheStoreDoesNotKnow() throws Exception {
            Answer answer = answer(offered("k-2"));

            assertThat(answer.status()).isEqualTo(401);
            assertThat(answer.headers()).contains(Map.entry("www-authenticate", "ApiKey"));
            assertThat(met.identity).isNull();
        }

        @Test
        void leavesOthersWithoutAKeyToTheNext() throws Exception {
            assertThat(offered(null)).isSameAs(Verdict.CONTINUE);
            assertThat(met.identity).isNull();
        }
    }

    @Test
    void bodyRedactionFindsACardThatIsCut() {
        Filter filter = example("body-redaction", "{}");
        FakeChunk first = new FakeChunk("paid with 411111111111", false);
        FakeChunk second = new FakeChunk("1111, order 4111111111111112 ü", true);

        filter.onResponseBody(first, exchange);
        filter.onResponseBody(second, exchange);

        assertThat(first.sent() + second.sent()).isEqualTo("paid with ****************, order 4111111111111112 ü");
    }

    @Test
    void jsonRewriteRenamesAndRemoves() {
        Filter filter = example("json-rewrite", "{\"rename\": {\"user\": \"customer\"}, \"remove\": [\"debug\"]}");
        exchange.header("Content-Type", "application/json").body("{\"user\": 7, \"debug\": true, \"items\": [1]}");

        assertThat(request(filter)).isSameAs(Verdict.CONTINUE);

        assertThat(exchange.newBody).asString(StandardCharsets.UTF_8).isEqualTo("{\"items\":[1],\"customer\":7}");
    }

    @Test
    void jsonRewriteRefusesWhatIsNoJson() {
        exchange.header("Content-Type", "application/json").body("{");

        Verdict verdict = request(example("json-rewrite", "{}"));

        assertThat(answer(verdict).status()).isEqualTo(400);
        assertThat(exchange.newBody).isNull();
    }

    @Test
    void abSplitSendsEachVisitorAlwaysToTheSame() {
        Filter filter = example("ab-split", "{\"percent\": 30}");
        int candidates = 0;
        for (int i = 0; i < 1_000; i++) {
            FakeExchange visit = harness.exchange().header("Cookie", "visitor=v" + i);
            FakeExchange again = harness.exchange().header("Cookie", "visitor=v" + i);
            filter.onRequest(visit, visit);
            filter.onRequest(again, again);
            assertThat(visit.steering).isEqualTo(again.steering);
            candidates += visit.steering.size();
        }

        assertThat(candidates).isBetween(240, 360);
    }

    @Test
    void externalAuthAsksOnceAndForwardsTheUser() {
        Filter filter = example("external-auth", "{}");
        exchange.header("Authorization", "Basic x").header("X-User", "forged");

        Verdict verdict = filter.onRequest(exchange, exchange);
        assertThat(verdict).isSameAs(Verdict.SUSPENDED);
        assertThat(harness.worker.sent.getFirst().request.target()).isEqualTo("/check");
        harness.worker.sent.getFirst().respond(200, "");

        assertThat(resumed()).isSameAs(Verdict.CONTINUE);
        assertThat(exchange.sentHeader("x-user")).isNull();
        FakeExchange next = harness.exchange().header("Authorization", "Basic x");
        assertThat(filter.onRequest(next, next)).isSameAs(Verdict.CONTINUE);
        assertThat(harness.worker.sent).hasSize(1);
    }

    @Test
    void externalAuthRefusesWhomTheServiceRefuses() {
        Filter filter = example("external-auth", "{}");

        filter.onRequest(exchange, exchange);
        harness.worker.sent.getFirst().respond(403, "");

        assertThat(answer(resumed()).status()).isEqualTo(403);
    }

    @Test
    void requestSigningSignsWhatGoesToTheEndpoint() throws Exception {
        Filter filter = example("request-signing", "{\"keyId\": \"gate\", \"secret\": \"" + SECRET + "\"}");

        assertThat(request(filter)).isSameAs(Verdict.CONTINUE);

        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(SECRET.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
        String signed = "GET\n/orders/7?a=1&b=2\nshop.example\n" + exchange.sentHeader("x-date");
        assertThat(exchange.sentHeader("x-signature"))
                .isEqualTo("keyId=\"gate\",algorithm=\"hmac-sha256\",signature=\""
                        + HexFormat.of().formatHex(mac.doFinal(signed.getBytes(StandardCharsets.UTF_8)))
                        + "\"");
    }

    @Test
    void mockEndpointAnswersLikeAService() {
        Filter filter = example("mock-endpoint", "{\"notes\": [\"milk\"]}");
        exchange.path = "/notes";
        assertThat(body(request(filter))).isEqualTo("[\"milk\"]");

        exchange.method = "POST";
        exchange.body("{\"text\": \"bread\"}");
        Verdict made = request(filter);
        assertThat(answer(made).status()).isEqualTo(201);
        assertThat(body(made)).isEqualTo("{\"id\":\"req-1\",\"text\":\"bread\"}");

        exchange.path = "/else";
        assertThat(answer(request(filter)).status()).isEqualTo(404);
    }
}
