package io.penstock.plugin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.penstock.spi.Filter;
import io.penstock.spi.FilterRefusedException;
import io.penstock.spi.PluginLibrary.PluginTrial;
import io.penstock.spi.PluginLibrary.PluginTrialRequest;
import io.penstock.spi.PluginRefusedException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class SecretsTest {
    private static final String SCHEMA = """
            "configSchema": {"type": "object", "properties": {
              "token": {"type": "string", "maxLength": 20, "writeOnly": true},
              "keys": {"type": "array", "items": {"type": "object", "properties": {
                "value": {"type": "string", "writeOnly": true}}}}}}
            """;

    private final PluginHarness harness = new PluginHarness(new ScriptOptions(
            5_000,
            10_000,
            0,
            5_000,
            600_000,
            Optional.empty(),
            name -> Optional.ofNullable(Map.of("guard-token", "sesame-open", "long", "much-too-long-for-the-schema")
                    .get(name))));
    private String use = "";

    @BeforeEach
    void upload() {
        use = harness.upload(
                PackageFixture.named("guard", "1.0.0", SCHEMA).main("""
                        export default {
                          onRequest(req, ctx) {
                            console.log('token', ctx.config.token, JSON.stringify(ctx.config));
                            req.headers.set('x-token', ctx.config.token);
                            if (req.headers.has('x-bad')) throw new Error('no ' + ctx.config.token);
                          },
                        };
                        """).zip());
    }

    @AfterEach
    void close() {
        harness.close();
    }

    @Test
    void putsInWhatIsNamed() {
        Filter filter = harness.bind(
                use,
                "{\"token\": {\"secret\": \"guard-token\"}, \"keys\": [{\"value\": {\"secret\": \"guard-token\"}}]}");
        FakeExchange exchange = harness.exchange();

        filter.onRequest(exchange, exchange);

        assertThat(exchange.sentHeader("x-token")).isEqualTo("sesame-open");
        assertThat(harness.library.log("guard", 1).getFirst().text())
                .isEqualTo("token [secret] {\"token\":\"[secret]\",\"keys\":[{\"value\":\"[secret]\"}]}");
    }

    @Test
    void showsNoSecretInFaultsNorToTheClientsError() {
        Filter filter = harness.bind(use, "{\"token\": \"written-out\"}");
        FakeExchange exchange = harness.exchange().header("x-bad", "1");

        String verdict = filter.onRequest(exchange, exchange).toString();

        assertThat(verdict).contains("no [secret]").doesNotContain("written-out");
        assertThat(harness.library.status().toString()).contains("no [secret]").doesNotContain("written-out");
        assertThat(harness.library.log("guard", 9).toString()).doesNotContain("written-out");
    }

    @Test
    void showsNoSecretInTrials() throws PluginRefusedException {
        PluginTrial trial = harness.library.test(new PluginTrialRequest(
                "guard",
                "1.0.0",
                "onRequest",
                "{\"token\": {\"secret\": \"guard-token\"}}",
                "GET",
                "/",
                List.of(),
                new byte[0],
                200,
                List.of(),
                new byte[0]));

        assertThat(trial.after()).contains("x-token: [secret]");
        assertThat(trial.toString()).doesNotContain("sesame-open");
    }

    @Test
    void refusesANameThatIsNotKnownAndAValueThatDoesNotFit() {
        assertThatThrownBy(() -> harness.filters.prepare(
                        PluginHarness.config(use, "{\"token\": {\"secret\": \"gone\"}}", Optional.empty())))
                .isInstanceOfSatisfying(
                        FilterRefusedException.class,
                        refused -> assertThat(refused.pointer()).isEqualTo("/config/token"))
                .hasMessageContaining("no secret \"gone\"");
        assertThatThrownBy(() -> harness.filters.prepare(
                        PluginHarness.config(use, "{\"token\": {\"secret\": \"long\"}}", Optional.empty())))
                .isInstanceOf(FilterRefusedException.class)
                .hasMessageNotContaining("much-too-long");
    }
}
