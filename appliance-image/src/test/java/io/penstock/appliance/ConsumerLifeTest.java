package io.penstock.appliance;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A consumer's way through the product: written in a document, given another key over the API, revoked, and after a start. */
final class ConsumerLifeTest {
    private static final String TOKEN = "a-token-for-these-tests";
    private static final String KEY = "a-key-that-nobody-guesses-0001";
    private static final String PASSWORD = "correct horse battery";
    private static final InetSocketAddress ANY = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    private static final String ROUTE = "matches: [{path: {type: prefix, value: /%s}}], respond: {body: let in}";

    @TempDir
    private Path folder;

    private Optional<Appliance> running = Optional.empty();
    private final HttpClient client = HttpClient.newHttpClient();

    @AfterEach
    void stop() {
        running.ifPresent(Appliance::close);
        client.shutdownNow();
    }

    private void start(boolean withDocument) throws Exception {
        Path token = Files.writeString(folder.resolve("token"), TOKEN + "\n");
        Path document = Files.writeString(
                folder.resolve("first.yaml"), """
                apiVersion: penstock/v1
                listeners:
                  - {name: web, address: "127.0.0.1:0", protocol: http}
                consumers:
                  - name: acme
                    credentials:
                      - {type: apiKey, secret: {env: ACME_KEY}}
                      - {type: basic, username: ann, secret: {env: ANN_PASSWORD}}
                routes:
                  - {name: keyed, auth: [{type: apiKey}], %s}
                  - {name: named, auth: [{type: basic}], %s}
                """.formatted(ROUTE.formatted("key"), ROUTE.formatted("name")));
        BootConfig boot = BootConfig.of(folder.resolve("data"), ANY, ANY).withAdminTokenFile(token);
        running = Optional.of(new Appliance(
                withDocument ? boot.withDocument(document) : boot, Map.of("ACME_KEY", KEY, "ANN_PASSWORD", PASSWORD)));
    }

    private int knock(String path, String header, String value) throws Exception {
        InetSocketAddress web = (InetSocketAddress)
                running.orElseThrow().engineStatus().listeners().getFirst().address();
        return client.send(
                        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + web.getPort() + path))
                                .header(header, value)
                                .build(),
                        HttpResponse.BodyHandlers.ofString())
                .statusCode();
    }

    private static String basic(String pair) {
        return "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8));
    }

    private HttpResponse<String> admin(String method, String path, String body, String... headers) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(
                        URI.create(running.orElseThrow().adminUri() + path))
                .header("Authorization", "Bearer " + TOKEN)
                .header("Content-Type", "application/json")
                .method(method, HttpRequest.BodyPublishers.ofString(body));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    private static String member(String json, String name) {
        Matcher found = Pattern.compile("\"" + name + "\":\"([^\"]*)\"").matcher(json);
        assertThat(found.find()).as(json).isTrue();
        return found.group(1);
    }

    @Test
    void whatIsStoredHashedIsWhatRequestsAreCheckedWith() throws Exception {
        start(true);
        assertThat(knock("/key", "X-API-Key", KEY)).isEqualTo(200);
        assertThat(knock("/key", "X-API-Key", KEY + "x")).isEqualTo(401);
        assertThat(knock("/name", "Authorization", basic("ann:" + PASSWORD))).isEqualTo(200);
        assertThat(knock("/name", "Authorization", basic("ann:" + KEY))).isEqualTo(401);

        HttpResponse<String> made = admin("POST", "/v1/consumers/acme/credentials", "{\"type\":\"apiKey\"}");

        assertThat(made.statusCode()).as(made.body()).isEqualTo(201);
        String next = member(made.body(), "secret");
        assertThat(knock("/key", "X-API-Key", next)).isEqualTo(200);
        running.orElseThrow().close();
        start(false);
        for (String key : List.of(KEY, next)) {
            assertThat(knock("/key", "X-API-Key", key)).as("after a start").isEqualTo(200);
        }
        assertThat(knock("/name", "Authorization", basic("ann:" + PASSWORD))).isEqualTo(200);
        assertThat(admin("DELETE", made.headers().firstValue("Location").orElseThrow(), "", "If-Match", "*")
                        .statusCode())
                .isEqualTo(204);
        assertThat(knock("/key", "X-API-Key", next)).as("once revoked").isEqualTo(401);
        assertThat(knock("/key", "X-API-Key", KEY)).isEqualTo(200);
    }
}
