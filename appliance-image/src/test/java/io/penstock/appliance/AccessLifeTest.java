package io.penstock.appliance;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
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
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Servers that say who may pass, named in a document as the how-tos show it, on their way through the product. */
final class AccessLifeTest {
    private static final String TOKEN = "a-token-for-these-tests";
    private static final String KEY = "a-key-that-nobody-guesses-0001";
    private static final InetSocketAddress ANY = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

    @TempDir
    private Path folder;

    private Optional<Appliance> running = Optional.empty();
    private final HttpClient client = HttpClient.newHttpClient();
    private final HttpServer server = server();
    private volatile String secretSeen = "";

    private HttpServer server() {
        try {
            HttpServer made = HttpServer.create(ANY, 0);
            made.createContext("/", this::answer);
            made.start();
            return made;
        } catch (IOException refused) {
            throw new IllegalStateException(refused);
        }
    }

    private void answer(HttpExchange exchange) throws IOException {
        String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        String said;
        int status = 200;
        switch (exchange.getRequestURI().getPath()) {
            case "/introspect" -> {
                String basic = exchange.getRequestHeaders().getFirst("Authorization");
                secretSeen = new String(Base64.getDecoder().decode(basic.substring(6)), StandardCharsets.US_ASCII);
                said = body.startsWith("token=good")
                        ? "{\"active\":true,\"sub\":\"ann\",\"scope\":\"orders\",\"email\":\"ann@example.org\"}"
                        : "{\"active\":false}";
            }
            case "/check" -> {
                said = "";
                exchange.getResponseHeaders().add("X-User", "bob");
                status = "let me".equals(exchange.getRequestHeaders().getFirst("Cookie")) ? 200 : 403;
            }
            case "/.well-known/openid-configuration" ->
                said =
                        "{\"issuer\":\"%1$s\",\"authorization_endpoint\":\"%1$s/authorize\",\"token_endpoint\":\"%1$s/token\",\"jwks_uri\":\"%1$s/keys\"}"
                                .formatted(address());
            default ->
                said = exchange.getRequestHeaders().getFirst("X-User") + " "
                        + exchange.getRequestHeaders().getFirst("X-Email") + " "
                        + exchange.getRequestHeaders().getFirst("X-Consumer-Name");
        }
        byte[] bytes = said.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }

    private String address() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    @AfterEach
    void stop() {
        running.ifPresent(Appliance::close);
        client.shutdownNow();
        server.stop(0);
    }

    private void start() throws Exception {
        Path token = Files.writeString(folder.resolve("token"), TOKEN + "\n");
        Path document = Files.writeString(folder.resolve("first.yaml"), """
                apiVersion: penstock/v1
                listeners:
                  - {name: web, address: "127.0.0.1:0", protocol: http}
                secrets:
                  - {name: gateway-at-idp, value: {env: IDP_SECRET}}
                  - {name: login-cookies, value: {env: COOKIE_SECRET}}
                upstreams:
                  - {name: app, targets: [{address: "127.0.0.1:%2$d"}]}
                services:
                  - {name: app, upstream: app}
                  - {name: authorizer, upstream: app}
                consumers:
                  - {name: acme, credentials: [{type: apiKey, secret: {env: ACME_KEY}}]}
                routes:
                  - name: orders
                    service: app
                    auth:
                      - {type: introspection, url: "%1$s/introspect", clientId: gateway, clientSecret: {secret: gateway-at-idp}, scopes: [orders]}
                    identityHeaders: {subject: X-User, claims: {email: X-Email}}
                    matches: [{path: {type: prefix, value: /orders}}]
                  - name: checked
                    service: app
                    auth:
                      - {type: forwardAuth, service: authorizer, path: /check, responseHeaders: [X-User, X-Role]}
                    matches: [{path: {type: prefix, value: /checked}}]
                  - name: both
                    service: app
                    auth:
                      - allOf:
                          - {type: apiKey}
                          - {type: introspection, url: "%1$s/introspect", clientId: gateway, clientSecret: {secret: gateway-at-idp}}
                    identityHeaders: {consumer: X-User, credential: X-Email}
                    matches: [{path: {type: prefix, value: /both}}]
                  - name: shop
                    service: app
                    auth:
                      - {type: oidc, issuer: "%1$s", clientId: gateway, clientSecret: {secret: gateway-at-idp}, cookie: {key: {secret: login-cookies}}, logoutPath: /logout}
                    matches: [{path: {type: prefix, value: /}}]
                """.formatted(
                        address(), server.getAddress().getPort()));
        running = Optional.of(new Appliance(
                BootConfig.of(folder.resolve("data"), ANY, ANY)
                        .withAdminTokenFile(token)
                        .withDocument(document),
                Map.of(
                        "IDP_SECRET", "the first secret",
                        "COOKIE_SECRET", "more than thirty-two characters of chance",
                        "ACME_KEY", KEY)));
    }

    private HttpResponse<String> get(String path, String... headers) throws Exception {
        InetSocketAddress web = (InetSocketAddress)
                running.orElseThrow().engineStatus().listeners().getFirst().address();
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + web.getPort() + path));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    private String admin(String method, String path, String body, String... headers) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(
                        URI.create(running.orElseThrow().adminUri() + path))
                .header("Authorization", "Bearer " + TOKEN)
                .header("Content-Type", "application/json")
                .method(method, HttpRequest.BodyPublishers.ofString(body));
        if (headers.length > 0) {
            request.headers(headers);
        }
        HttpResponse<String> response = client.send(request.build(), HttpResponse.BodyHandlers.ofString());
        assertThat(response.statusCode()).as(response.body()).isBetween(200, 299);
        return response.body();
    }

    private static String member(String json, String name) {
        Matcher found = Pattern.compile("\"" + name + "\":\"([^\"]*)\"").matcher(json);
        assertThat(found.find()).as(json).isTrue();
        return found.group(1);
    }

    @Test
    void eachWayIsAsItsHowToSays() throws Exception {
        start();

        HttpResponse<String> good = get("/orders/1", "Authorization", "Bearer good");
        assertThat(good.body()).isEqualTo("ann ann@example.org null");
        assertThat(secretSeen).isEqualTo("gateway:the+first+secret");
        assertThat(get("/orders/1", "Authorization", "Bearer bad").headers().firstValue("WWW-Authenticate"))
                .contains("Bearer realm=\"api\", error=\"invalid_token\"");

        assertThat(get("/checked", "Cookie", "let me", "X-User", "root").body()).isEqualTo("bob null null");
        assertThat(get("/checked").statusCode()).isEqualTo(403);

        String id = member(admin("GET", "/v1/consumers/acme/credentials", ""), "id");
        assertThat(get("/both", "Authorization", "Bearer good", "X-API-Key", KEY)
                        .body())
                .isEqualTo("acme " + id + " null");
        HttpResponse<String> half = get("/both", "X-API-Key", KEY);
        assertThat(half.headers().firstValue("X-Penstock-Reason")).contains("credential-incomplete");

        HttpResponse<String> away = get("/x", "Accept", "text/html");
        assertThat(away.headers().firstValue("Location").orElse("")).startsWith(address() + "/authorize?");

        // What was seen of them.
        String trace = admin(
                "GET",
                "/v1/requests/" + good.headers().firstValue("X-Request-Id").orElse(lastOk()),
                "");
        assertThat(member(trace, "consumer")).isEqualTo("ann");
        assertThat(member(trace, "identifiedBy")).isEqualTo("introspection");
        assertThat(admin("GET", "/v1/consumers/acme/credentials", "")).contains("\"lastUsed\":\"20");
        assertThat(admin("POST", "/v1/explain", "{\"method\":\"GET\",\"url\":\"http://a/both\"}"))
                .contains("\"allOf: apiKey\"", "\"allOf: introspection\"");
    }

    // The newest request that passed the first route.
    private String lastOk() throws Exception {
        String all = admin("GET", "/v1/requests", "");
        Matcher found = Pattern.compile("\"requestId\":\"([^\"]*)\"[^}]*\"path\":\"/orders/1\"[^}]*\"status\":200")
                .matcher(all);
        assertThat(found.find()).as(all).isTrue();
        return found.group(1);
    }

    @Test
    void anotherValueOfASecretIsUsedAtOnce() throws Exception {
        start();
        get("/orders/1", "Authorization", "Bearer good");
        get("/both", "Authorization", "Bearer good", "X-API-Key", KEY);

        admin("PUT", "/v1/secrets/gateway-at-idp", "{\"value\":\"the next secret\"}", "If-Match", "*");

        secretSeen = "";
        assertThat(get("/orders/1", "Authorization", "Bearer good").statusCode())
                .isEqualTo(200);
        assertThat(secretSeen).isEqualTo("gateway:the+next+secret");
        secretSeen = "";
        assertThat(get("/both", "Authorization", "Bearer good2", "X-API-Key", KEY)
                        .statusCode())
                .isEqualTo(200);
        assertThat(secretSeen).isEqualTo("gateway:the+next+secret");
        String config = admin("GET", "/v1/config", "");
        assertThat(config).doesNotContain("the next secret").doesNotContain("gateway-at-idp@");
    }
}
