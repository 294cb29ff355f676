package io.penstock.admin;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.admin.AdminFixture.Answer;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** How a level takes away what it inherits, seen by the effective view. */
final class InheritedMembersTest {
    private static final String MATCHES = "\"matches\":[{\"path\":{\"type\":\"prefix\",\"value\":\"/o\"}}]";
    private static final String FROM_SERVICE = "services/orders";
    private static final String FROM_ROUTE = "routes/orders";

    @TempDir
    Path temporary;

    private AdminFixture admin;

    @BeforeEach
    void start() throws Exception {
        admin = new AdminFixture(temporary.resolve("data"));
        admin.put("/v1/error-pages/brand", "{\"for\":[\"4xx\"],\"html\":\"<p>no\"}")
                .is(201);
        admin.put("/v1/upstreams/orders", "{\"targets\":[{\"address\":\"10.0.0.7:80\"}]}")
                .is(201);
        admin.put(
                        "/v1/services/orders",
                        "{\"upstream\":\"orders\",\"access\":{\"deny\":[\"10.0.0.0/8\"]},\"cors\":{\"origins\":[\"*\"]},"
                                + "\"maintenance\":{},\"admission\":{\"concurrency\":7},\"errorPages\":[\"brand\"],"
                                + "\"auth\":[{\"type\":\"apiKey\"}],\"timeouts\":{\"total\":\"3s\"}}")
                .is(201);
    }

    @AfterEach
    void stop() {
        admin.close();
    }

    private Answer route(String members) throws Exception {
        return admin.put("/v1/routes/orders", "{" + MATCHES + ",\"service\":\"orders\"" + members + "}");
    }

    private JsonNode effective(String member) throws Exception {
        return admin.get("/v1/routes/orders?view=effective").is(200).json().get(member);
    }

    private static boolean hasValue(JsonNode effective) {
        return effective.has("value") && !effective.get("value").isEmpty();
    }

    private void patch(String type, String body) throws Exception {
        admin.send("PATCH", "/v1/routes/orders", body, "If-Match", "*", "Content-Type", "application/" + type)
                .is(200);
    }

    @ParameterizedTest
    @ValueSource(strings = {"access", "cors", "maintenance", "admission", "errorPages"})
    void nullTakesAwayWhatReplaces(String member) throws Exception {
        route("").is(201);
        assertThat(hasValue(effective(member))).isTrue();
        assertThat(effective(member).get("from").stringValue()).isEqualTo(FROM_SERVICE);

        route(",\"" + member + "\":null").is(200);
        assertThat(hasValue(effective(member))).isFalse();
        assertThat(effective(member).get("from").stringValue()).isEqualTo(FROM_ROUTE);

        patch("merge-patch+json", "{\"note\":\"another member leaves it\"}");
        assertThat(hasValue(effective(member))).isFalse();

        patch("merge-patch+json", "{\"" + member + "\":null}");
        assertThat(hasValue(effective(member)))
                .as("the route says nothing any more")
                .isTrue();
        assertThat(effective(member).get("from").stringValue()).isEqualTo(FROM_SERVICE);

        patch("json-patch+json", "[{\"op\":\"add\",\"path\":\"/" + member + "\",\"value\":null}]");
        assertThat(hasValue(effective(member))).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"access", "cors", "maintenance", "admission", "errorPages"})
    void nullOfADocumentDoesTheSameAndIsExported(String member) throws Exception {
        admin.send(
                        "POST",
                        "/v1/config:apply",
                        "apiVersion: penstock/v1\nroutes:\n  - {name: orders, service: orders, " + member
                                + ": null, matches: [{path: {type: prefix, value: /o}}]}\n",
                        "Content-Type",
                        "application/yaml")
                .is(200);

        assertThat(hasValue(effective(member))).isFalse();
        assertThat(effective(member).get("from").stringValue()).isEqualTo(FROM_ROUTE);
        JsonNode exported = admin.get("/v1/config?view=brief").is(200).json();
        assertThat(exported.at("/routes/0").has(member)).isTrue();
        assertThat(exported.at("/routes/0/" + member).isNull()).isTrue();
    }

    @Test
    void nothingOpensByAForgottenLine() throws Exception {
        Answer refused = route(",\"auth\":null").is(422);
        assertThat(refused.json().at("/errors/0/pointer").stringValue()).isEqualTo("/auth");
        assertThat(refused.json().at("/errors/0/hint").stringValue()).contains("[{type: anonymous}]");

        route(",\"auth\":[{\"type\":\"anonymous\"}]").is(201);
        assertThat(effective("auth").get("from").stringValue()).isEqualTo(FROM_ROUTE);
        assertThat(effective("auth").at("/value/0/type").stringValue()).isEqualTo("anonymous");

        route(",\"auth\":[]").is(200);
        assertThat(effective("auth").get("from").stringValue()).isEqualTo(FROM_SERVICE);
    }

    @Test
    void zeroLiftsTheTotalTime() throws Exception {
        route("").is(201);
        assertThat(effective("timeouts").at("/total/value").stringValue()).isEqualTo("3s");

        route(",\"timeouts\":{\"total\":\"0s\"}").is(200);
        assertThat(effective("timeouts").at("/total").has("value")).isFalse();
        assertThat(effective("timeouts").at("/total/from").stringValue()).isEqualTo(FROM_ROUTE);
    }
}
