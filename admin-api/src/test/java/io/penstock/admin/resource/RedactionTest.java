package io.penstock.admin.resource;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class RedactionTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "Authorization: Bearer PLANTED",
                "sent basic PLANTED==",
                "upstream https://user:PLANTED@idp.example/x failed",
                "GET /reset?token=PLANTED&x=1",
                "GET /any?q=PLANTED",
                "-Dstore.password=PLANTED",
                "api_key=PLANTED",
                "X-Api-Key: PLANTED",
                "Set-Cookie=PLANTED",
                "key -----BEGIN PRIVATE KEY-----PLANTED-----END PRIVATE KEY-----",
                "token pst_PLANTEDPLANTED was refused",
                "refused {\"password\":\"PLANTED\"}",
                "refused {\"client_secret\": \"two PLANTED\"}",
                "refused {\\\"password\\\":\\\"PLANTED\\\"}",
                "password='two PLANTED' was refused",
                "Cookie: a=b; session=PLANTED",
                "Authorization: Custom a PLANTED",
                "{\"Cookie\":\"a=b; session=PLANTED\"}",
                "a bearer of eyJhbGciOiJub25lIn0.PLANTED.PLANTED"
            })
    void leavesOutWhatFollowsWordsThatAnnounceASecret(String line) {
        assertThat(Redaction.line(line)).doesNotContain("PLANTED").contains(Redaction.LEFT_OUT);
    }

    @Test
    void keepsWhatHelps() {
        String line = "2026-11-22 WARN [penstock-control] engine: upstream orders 10.0.0.7:8080 refused";

        assertThat(Redaction.line(line)).isEqualTo(line);
    }

    @Test
    void leavesTextsOutWhereAnythingMayStand() {
        String shown = Redaction.of(JsonText.parse("""
                {"routes":[{"name":"orders","note":"PLANTED","matches":[{"path":{"type":"prefix","value":"/orders"}}],
                  "respond":{"status":200,"body":"PLANTED"},"timeouts":{"total":"5s"},
                  "filters":[{"type":"headers","request":{"set":{"X-Odd":"PLANTED"}}},
                    {"type":"plugin","use":"guard@1","config":{"deep":{"list":["PLANTED",7]},"pin":4711}}]}],
                 "consumers":[{"name":"acme","credentials":[{"type":"apiKey","secret":"PLANTED"}]}]}
                """)).toString();

        assertThat(shown).doesNotContain("PLANTED").doesNotContain("4711");
        assertThat(shown).contains("200", "/orders", "orders", "5s", "guard@1", "acme", "X-Odd");
    }
}
