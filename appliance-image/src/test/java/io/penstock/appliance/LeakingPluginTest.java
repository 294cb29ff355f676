package io.penstock.appliance;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** A plugin that keeps something of every request: its own route suffers for it, the gateway and the others do not. */
@Tag("long")
final class LeakingPluginTest {
    // Compiling scripts alone may take half of 256 MiB.
    private static final String HEAP = "-Xmx384m";
    private static final long HEAP_BYTES = 384L << 20;
    private static final int HEAPS_LEAKED = 4;
    private static final int LEAK_BYTES = 20_000;
    private static final int CONNECTIONS = 4;
    // Refusals are quick: a quarantine is noticed long before.
    private static final long ASKED_MAX = 1_000_000;

    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"-XX:+UseParallelGC", "-XX:+UseSerialGC", "-XX:+UseG1GC"})
    void neverFillsTheHeapOfTheOthers(String collector) throws Exception {
        try (PlainEndpoint endpoint = new PlainEndpoint();
                PluginRig rig = new PluginRig(folder, HEAP + " " + collector, endpoint);
                SteadyLoad load = SteadyLoad.on(rig.rig.port, 8, 50, PluginRig.BYSTANDER, PluginRig.SERVED)) {
            rig.upload(
                    "leak",
                    "1.0.0",
                    "{}",
                    "const kept = []; export default { onRequest(req) { if (req.headers.has('host'))"
                            + " kept.push(new Uint8Array(" + LEAK_BYTES + ")); } };");
            rig.route("leak", "/leak", "{\"type\":\"plugin\",\"use\":\"leak@1\"}");
            load.await(500);
            load.phase();

            int releases = 0;
            long kept = 0;
            long asked = 0;
            List<LongRig.Client> clients = new ArrayList<>();
            for (int i = 0; i < CONNECTIONS; i++) {
                clients.add(rig.rig.client());
            }
            while (kept * LEAK_BYTES < HEAPS_LEAKED * HEAP_BYTES) {
                boolean isServed = false;
                assertThat(asked).isLessThan(ASKED_MAX);
                for (LongRig.Client client : clients) {
                    asked++;
                    if (client.get("/leak").startsWith(PluginRig.SERVED)) {
                        kept++;
                        isServed = true;
                    }
                }
                if (!isServed
                        && rig.version("leak", "1.0.0").path("state").asString().equals("quarantined")) {
                    releases++;
                    assertThat(rig.rig
                                    .send(
                                            "POST",
                                            "/v1/plugins/leak/versions/1.0.0:release",
                                            "application/json",
                                            new byte[0])
                                    .statusCode())
                            .isEqualTo(200);
                }
            }
            for (LongRig.Client client : clients) {
                client.close();
            }
            load.finish();

            JsonNode leak = rig.version("leak", "1.0.0");
            JsonNode bystander = rig.version("bystander", "1.0.0");
            System.out.printf(
                    "a leak of %d MiB at %s %s: %d of %d requests served, %d releases, faults %s, bystander's %s; bystander %s%n",
                    (kept * LEAK_BYTES) >> 20,
                    HEAP,
                    collector,
                    kept,
                    asked,
                    releases,
                    leak.path("faults"),
                    bystander.path("faults"),
                    SteadyLoad.told(load.phase()));
            System.out.println(rig.rig.gateway.err());
            assertThat(load.faults()).isEmpty();
            assertThat(leak.path("faults").path("heap-pressure").asInt()).isGreaterThanOrEqualTo(HEAPS_LEAKED);
            assertThat(rig.rig.metric(
                            "penstock_plugin_faults_total", "plugin=\"leak\",version=\"1.0.0\",code=\"heap-pressure\""))
                    .isGreaterThanOrEqualTo(HEAPS_LEAKED);
            assertThat(rig.rig.metric("penstock_plugin_strikes", "\"bystander\""))
                    .isZero();
            assertThat(rig.rig.gateway.liveHeapBytes()).isLessThan(HEAP_BYTES / 10 * 9);
        }
    }
}
