package io.penstock.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.coding.ContentCoding;
import io.penstock.coding.WholeBody;
import io.penstock.config.BodyMisfit;
import io.penstock.config.ByteSize;
import io.penstock.config.ConfigValidator;
import io.penstock.config.JsonBodyEdits;
import io.penstock.config.JsonBodyFilterConfig;
import io.penstock.config.JsonText;
import io.penstock.config.PathMatch;
import io.penstock.config.ProxyConfig;
import io.penstock.config.RouteConfig;
import io.penstock.config.RouteMatch;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Edits of JSON bodies between real peers: the origin sends back what it gets. */
final class JsonBodyTest {
    @TempDir
    private Path logs;

    private final Origins origins = new Origins();
    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    @AfterEach
    void nothingIsLeft() {
        client.close();
        origins.close();
    }

    private ProxyConfig config(JsonBodyFilterConfig filter) {
        return origins.with(ProxyConfig.initial().with(ConfigRig.web().build()), "echo", exchange -> {
                    byte[] body = exchange.getRequestBody().readAllBytes();
                    for (String name : List.of("Content-Type", "Content-Encoding")) {
                        String value = exchange.getRequestHeaders().getFirst(name);
                        if (value != null) {
                            exchange.getResponseHeaders().set(name, value);
                        }
                    }
                    Origins.answer(exchange, 200, body);
                })
                .with(RouteConfig.named("r")
                        .matches(RouteMatch.of(PathMatch.template("/{id}")))
                        .service("echo")
                        .filters(filter)
                        .build());
    }

    private static JsonBodyEdits edits(Map<String, String> rename, List<String> remove, String set) {
        return new JsonBodyEdits(false, rename, remove, Optional.of(new JsonText(set)));
    }

    private static JsonBodyFilterConfig filter(JsonBodyEdits request, JsonBodyEdits response, BodyMisfit misfit) {
        return new JsonBodyFilterConfig(request, response, ByteSize.parse("16KiB"), misfit, misfit, true);
    }

    private HttpResponse<byte[]> post(ConfigRig rig, String type, BodyPublisher body, String... headers)
            throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http:/"
                        + rig.engine()
                                .readings()
                                .status()
                                .listeners()
                                .getFirst()
                                .address() + "/7"))
                .header("Content-Type", type)
                .POST(body);
        for (int i = 0; i < headers.length; i += 2) {
            request.header(headers[i], headers[i + 1]);
        }
        return client.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
    }

    private String post(ConfigRig rig, String type, String body) throws Exception {
        HttpResponse<byte[]> response = post(rig, type, BodyPublishers.ofString(body));
        return response.statusCode() == 200
                ? new String(response.body(), StandardCharsets.UTF_8)
                : response.statusCode() + " "
                        + response.headers().firstValue("X-Penstock-Reason").orElse("");
    }

    @Test
    void aBodyOfUnknownLengthThatIsTooLongIsAnswered() throws Exception {
        try (ConfigRig rig = new ConfigRig(1, logs)) {
            rig.publish(config(filter(
                    edits(Map.of(), List.of("/secret"), "{}"), edits(Map.of(), List.of(), "{}"), BodyMisfit.REFUSE)));
            byte[] tooLong = ("{\"a\": \"" + "x".repeat(17 * 1024) + "\"}").getBytes(StandardCharsets.US_ASCII);

            HttpResponse<byte[]> refused =
                    post(rig, "application/json", BodyPublishers.fromPublisher(BodyPublishers.ofByteArray(tooLong)));

            assertThat(refused.statusCode()).isEqualTo(413);
            assertThat(refused.headers().firstValue("X-Penstock-Reason")).hasValue("body-too-large");
        }
    }

    @Test
    void aBodyOfTwoMediaTypesGoesNowhereIfOneOfThemIsEdited() throws Exception {
        try (ConfigRig rig = new ConfigRig(1, logs)) {
            rig.publish(config(filter(
                    edits(Map.of(), List.of("/secret"), "{}"), edits(Map.of(), List.of(), "{}"), BodyMisfit.REFUSE)));
            BodyPublisher body = BodyPublishers.ofString("{\"secret\": 1}");

            assertThat(post(rig, "text/plain", body, "Content-Type", "application/json")
                            .statusCode())
                    .isEqualTo(400);
            assertThat(post(rig, "application/json, text/plain", body).statusCode())
                    .isEqualTo(400);
            assertThat(post(rig, "text/plain, text/html", body).statusCode()).isEqualTo(200);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 4})
    void changesBothWays(int workers) throws Exception {
        try (ConfigRig rig = new ConfigRig(workers, logs)) {
            rig.publish(config(filter(
                    edits(
                            Map.of("/old", "new"),
                            List.of("/secret", "/list/1", "/no/such"),
                            "{\"/by/id\": \"{path.id}\", \"/list/-\": {\"n\": 1.50}, \"/agent\": \"<{header.X-In}>\"}"),
                    edits(Map.of(), List.of("/agent"), "{\"/seen\": true}"),
                    BodyMisfit.REFUSE)));

            assertThat(new String(
                            post(
                                            rig,
                                            "application/vnd.x+json; charset=utf-8",
                                            BodyPublishers.ofString(
                                                    "{ \"old\": 1e2, \"secret\": {\"a\": [1]}, \"list\": [1, 2, \"\\u00e9\\n\"] }"),
                                            "X-In",
                                            "\",\"admin\":\"")
                                    .body(),
                            StandardCharsets.UTF_8))
                    .isEqualTo(
                            "{\"list\":[1,\"\u00e9\\u000a\",{\"n\":1.50}],\"new\":1e2,\"by\":{\"id\":\"7\"},\"seen\":true}");
            assertThat(post(rig, "text/plain", "{not json")).isEqualTo("{not json");
            assertThat(post(rig, "application/json", "")).isEmpty();
            for (ContentCoding coding : ContentCoding.values()) {
                HttpResponse<byte[]> coded = post(
                        rig,
                        "application/json",
                        BodyPublishers.ofByteArray(
                                WholeBody.encoded(coding, "{\"secret\":1}".getBytes(StandardCharsets.UTF_8))),
                        "Content-Encoding",
                        coding.token());
                assertThat(new String(WholeBody.decoded(coding, coded.body(), 1000), StandardCharsets.UTF_8))
                        .isEqualTo("{\"by\":{\"id\":\"7\"},\"list\":[{\"n\":1.50}],\"seen\":true}");
            }
        }
    }

    @Test
    void refusesWhatItCannotRead() throws Exception {
        try (ConfigRig rig = new ConfigRig(1, logs)) {
            rig.publish(config(
                    filter(edits(Map.of(), List.of(), "{\"/a\": 1}"), JsonBodyEdits.DEFAULTS, BodyMisfit.REFUSE)));
            for (String hostile : List.of(
                    "{",
                    "{\"a\":1,\"a\":2}",
                    "{\"a\":01}",
                    "{} {}",
                    "nul",
                    "{\"a\":\"\u0001\"}",
                    "{\"a\":\"\\ud8\"}",
                    "[".repeat(10_000),
                    "[".repeat(66) + "]".repeat(66))) {
                assertThat(post(rig, "application/json", hostile))
                        .as(hostile.substring(0, Math.min(20, hostile.length())))
                        .isEqualTo("400 malformed-body");
            }
            String tooLong = "\"" + "x".repeat(20_000) + "\"";
            assertThat(post(rig, "application/json", tooLong)).isEqualTo("413 body-too-large");
            HttpResponse<byte[]> bomb = post(
                    rig,
                    "application/json",
                    BodyPublishers.ofByteArray(WholeBody.encoded(
                            ContentCoding.GZIP, " ".repeat(10 << 20).getBytes(StandardCharsets.US_ASCII))),
                    "Content-Encoding",
                    "gzip");
            assertThat(bomb.statusCode()).isEqualTo(413);
            rig.publish(
                    config(filter(edits(Map.of(), List.of(), "{\"/a\": 1}"), JsonBodyEdits.DEFAULTS, BodyMisfit.PASS)));
            assertThat(post(rig, "application/json", "{")).isEqualTo("{");
            assertThat(post(rig, "application/json", tooLong)).isEqualTo(tooLong);
            rig.publish(config(
                    filter(JsonBodyEdits.DEFAULTS, edits(Map.of(), List.of(), "{\"/a\": 1}"), BodyMisfit.REFUSE)));
            assertThat(post(rig, "application/json", "{")).isEqualTo("502 upstream-malformed-body");
            assertThat(post(rig, "application/json", tooLong)).isEqualTo("502 response-body-too-large");
        }
    }

    @Test
    void makesJsonOfXmlAndReadsNoDocumentType() throws Exception {
        try (ConfigRig rig = new ConfigRig(1, logs)) {
            JsonBodyEdits fromXml = new JsonBodyEdits(
                    true, Map.of(), List.of("/order/note"), Optional.of(new JsonText("{\"/order/by\": \"{route}\"}")));
            rig.publish(config(filter(fromXml, JsonBodyEdits.DEFAULTS, BodyMisfit.REFUSE)));

            HttpResponse<byte[]> made = post(
                    rig,
                    "text/xml; charset=utf-8",
                    BodyPublishers.ofString(
                            "<?xml version='1.0'?><order id='7' x:y='z'><item>a &amp; \"b\"</item><item n='2'>c"
                                    + "</item><empty/><note>n</note> text <![CDATA[<raw>]]></order>"));
            assertThat(new String(made.body(), StandardCharsets.UTF_8))
                    .isEqualTo(
                            "{\"order\":{\"@id\":\"7\",\"@x:y\":\"z\",\"item\":[\"a & \\\"b\\\"\",{\"@n\":\"2\",\"#text\":\"c\"}],"
                                    + "\"empty\":\"\",\"#text\":\"text <raw>\",\"by\":\"r\"}}");
            assertThat(made.headers().firstValue("Content-Type")).hasValue("application/json");
            for (String hostile : List.of(
                    "<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><a>&x;</a>",
                    "<!DOCTYPE a [<!ENTITY x '0123456789'><!ENTITY y '&x;&x;&x;'>]><a>&y;</a>",
                    "<!DOCTYPE a SYSTEM 'http://127.0.0.1:1/x.dtd'><a/>",
                    "<a>&unknown;</a>",
                    "<a><b></a>",
                    "<a/><b/>",
                    "<a>".repeat(65) + "</a>".repeat(65))) {
                assertThat(post(rig, "application/xml", hostile)).as(hostile).isEqualTo("400 malformed-body");
            }
        }
    }

    @Test
    void faultsAreToldWhereTheyStand() {
        ProxyConfig config = config(filter(
                edits(Map.of("old", "new"), List.of("/a~2"), "{\"/x\": {\"y\": \"{nobody}\"}}"),
                JsonBodyEdits.DEFAULTS,
                BodyMisfit.REFUSE));

        assertThat(ConfigValidator.validate(ProxyConfig.initial(), config))
                .extracting(problem -> problem.pointer() + " " + problem.code())
                .containsExactlyInAnyOrder(
                        "/filters/0/request/rename/old bad-value",
                        "/filters/0/request/remove/0 bad-value",
                        "/filters/0/request/set/~1x unknown-reference");
    }
}
