package io.penstock.appliance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * Plugins that mean harm, each on a route of its own of one gateway, beside a bystander under load: what they do stays
 * theirs, on both wires.
 */
@Tag("long")
final class HostilePluginsTest {
    private static final Path PACK = Path.of("../plugin-host/src/test/resources/io/penstock/plugin/hostile");
    private static final int ATTACKS = 4;
    private static final int DRAG_REQUESTS = 1_200;
    private static final int ATTACKS_TO_QUARANTINE = 40;
    // What the engine keeps of a version that stays uploaded: its syntax tree and compiled code.
    private static final long HEAP_GROWTH_MAX_EACH = 3 << 19;

    @TempDir
    private Path folder;

    /** What becomes of a request that sets a plugin off. */
    private enum Fate {
        /** The script is stopped, again and again, until it is in quarantine. */
        STOPPED,
        /** The request fails; the context lives. */
        FAILS,
        /** The request gets an answer that is whole and clean. */
        CLEAN,
        /** The same, and what goes on behind it ends at its budget. */
        DRAGS
    }

    private record Case(Fate fate, String name, String hook, String body) {
        String plugin() {
            return name.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-") + "-" + hook.toLowerCase(Locale.ROOT);
        }

        // Where nothing is to be stopped, a busy machine that stretches cold code must not stop it either.
        String manifest() {
            return fate == Fate.STOPPED || fate == Fate.DRAGS
                    ? "{\"limits\":{\"wallMs\":500}}"
                    : "{\"limits\":{\"wallMs\":500,\"cpuMs\":1000,\"requestCpuMs\":5000,\"memoryMb\":256}}";
        }

        // Harmless until a request asks for it, so that a warm-up is no attack.
        String source() {
            String of = hook.equals("onResponse") ? "ctx.vars.get('attack')" : "req.headers.get('x-attack')";
            String first = hook.equals("onResponse")
                    ? "onRequest(req, ctx) { if (req.headers.get('x-attack')) ctx.vars.set('attack', '1'); }, "
                    : "";
            return "export default { " + first + hook + "(" + (hook.equals("onResponse") ? "res" : "req")
                    + ", ctx) { if (!" + of + ") return; " + body + " } };";
        }
    }

    private static List<Case> pack(String file, Fate fate) throws IOException {
        return Files.readAllLines(PACK.resolve(file)).stream()
                .map(line -> line.split("\\|", 2))
                .map(parts -> new Case(fate, parts[0].strip(), "onRequest", parts[1].strip()))
                .toList();
    }

    /** What only a real wire, real timers and real traffic can show. */
    private static List<Case> more() {
        return List.of(
                new Case(
                        Fate.FAILS,
                        "CRLF to the client",
                        "onResponse",
                        "res.headers.set('x-a', 'b\\r\\nx-injected: 1');"),
                new Case(
                        Fate.FAILS,
                        "two lengths to the client",
                        "onResponse",
                        "res.headers.append('content-length', '1');"),
                new Case(
                        Fate.FAILS,
                        "chunked to the client",
                        "onResponse",
                        "res.headers.set('transfer-encoding', 'chunked');"),
                new Case(Fate.FAILS, "answer of status 99", "onResponse", "return new Response('x', { status: 99 });"),
                new Case(Fate.FAILS, "status 99", "onResponse", "res.status = 99;"),
                new Case(
                        Fate.CLEAN,
                        "a second response in the body",
                        "onRequest",
                        "return new Response('HTTP/1.1 200 OK\\r\\nx-injected: 1\\r\\ncontent-length: 0\\r\\n\\r\\n');"),
                new Case(
                        Fate.CLEAN,
                        "a second response in the reason",
                        "onRequest",
                        "return ctx.reject(403, 'a\\r\\nx-injected: 1\\r\\n\\r\\nHTTP/1.1 200 OK', { detail: '\\r\\nx-injected: 1' });"),
                new Case(
                        Fate.CLEAN,
                        "a status text with a line break",
                        "onRequest",
                        "return new Response('x', { statusText: 'OK\\r\\nx-injected: 1' });"),
                new Case(
                        Fate.CLEAN,
                        "a header of a megabyte",
                        "onRequest",
                        "req.headers.set('x-a', 'b'.repeat(1 << 20));"),
                new Case(
                        Fate.FAILS,
                        "a header of 3 megabytes",
                        "onRequest",
                        "req.headers.set('x-a', 'b'.repeat(3 << 20));"),
                new Case(
                        Fate.FAILS,
                        "host with a line break",
                        "onRequest",
                        "req.headers.set('host', 'a\\r\\nx-injected: 1');"),
                new Case(
                        Fate.FAILS,
                        "headers without end",
                        "onRequest",
                        "for (let i = 0; ; i++) req.headers.append('x-a' + i, '');"),
                new Case(
                        Fate.CLEAN,
                        "a megabyte of headers",
                        "onRequest",
                        "for (let i = 0; i < 1000; i++) req.headers.append('x-a' + i, 'b'.repeat(1000));"),
                new Case(
                        Fate.CLEAN,
                        "a megabyte of headers to the client",
                        "onRequest",
                        "return new Response('x', { headers: Array.from({ length: 1000 }, (_, i) => ['x-a' + i, 'b'.repeat(1000)]) });"),
                new Case(Fate.FAILS, "a promise never settled", "onRequest", "return new Promise(() => {});"),
                new Case(
                        Fate.FAILS,
                        "waits for the never",
                        "onRequest",
                        "return (async () => { await { then() {} }; })();"),
                new Case(Fate.DRAGS, "waitUntil never ending", "onRequest", "ctx.waitUntil(new Promise(() => {}));"),
                new Case(
                        Fate.CLEAN,
                        "a console flood",
                        "onRequest",
                        "for (let i = 0; i < 200; i++) console.log('x'.repeat(100));"),
                new Case(
                        Fate.DRAGS,
                        "a bomb of timers",
                        "onRequest",
                        "for (let i = 0; i < 5000; i++) setInterval(() => { for (let n = 0; n < 1000; n++) Math.sqrt(n); }, 1);"),
                new Case(
                        Fate.DRAGS,
                        "timers that beget timers",
                        "onRequest",
                        "const again = () => { setTimeout(again, 0); setTimeout(again, 0); }; again();"),
                new Case(
                        Fate.FAILS,
                        "a turn at a time for ever",
                        "onRequest",
                        "return (async () => { for (;;) { await new Promise((go) => setTimeout(go, 0)); for (let n = 0; n < 20000; n++) Math.sqrt(n); } })();"),
                new Case(
                        Fate.CLEAN,
                        "spoilt prototypes",
                        "onRequest",
                        "Object.prototype.status = 99; Object.prototype.headers = { 'x-injected': '1' }; Array.prototype.push = null;"),
                new Case(
                        Fate.FAILS,
                        "holds on to old calls",
                        "onRequest",
                        "globalThis.old ??= []; for (const each of old) each.headers.set('x-injected', '1'); old.push(req); throw 1;"));
    }

    private static List<Case> all() throws IOException {
        List<Case> all = new ArrayList<>(more());
        all.addAll(pack("failing.txt", Fate.FAILS));
        all.addAll(pack("stopped.txt", Fate.STOPPED));
        return all;
    }

    @Test
    void hurtNobodyButTheirOwnRoute() throws Exception {
        try (PlainEndpoint endpoint = new PlainEndpoint();
                PluginRig rig = new PluginRig(folder, "-Xmx512m", endpoint);
                SteadyLoad load = SteadyLoad.on(rig.rig.port, 8, 50, PluginRig.BYSTANDER, PluginRig.SERVED)) {
            load.await(2_000);
            load.phase();
            load.await(2_000);
            System.out.printf("%-36s %-7s %s%n", "nobody", "", SteadyLoad.told(load.phase()));
            long heap = rig.rig.gateway.liveHeapBytes();
            long threads = rig.threads();
            List<String> wrong = new ArrayList<>();
            List<Case> all = all();
            for (Case each : all) {
                attack(rig, load, each, wrong);
            }
            load.finish();
            Awaitility.await("its threads end")
                    .atMost(Duration.ofMinutes(3))
                    .pollInterval(Duration.ofSeconds(1))
                    .untilAsserted(() -> assertThat(rig.threads()).isLessThanOrEqualTo(threads + 4));
            long heapAfter = rig.rig.gateway.liveHeapBytes();
            System.out.printf(
                    "%d hostile plugins: heap %.1f -> %.1f MiB, threads %d -> %d, longest entry %.1f ms; bystander: %s%n",
                    all.size(),
                    heap / 1048576.0,
                    heapAfter / 1048576.0,
                    threads,
                    rig.threads(),
                    rig.rig.metricMax("penstock_plugin_stall_seconds", "quantile") * 1e3,
                    SteadyLoad.told(load.whole()));
            assertThat(wrong).isEmpty();
            assertThat(load.faults()).isEmpty();
            assertThat(endpoint.strangeLines()).isEmpty();
            assertThat(heapAfter - heap).isLessThan(all.size() * HEAP_GROWTH_MAX_EACH);
            assertThat(rig.rig.metric("penstock_plugin_contexts", "")).isEqualTo(contextsOfTheBystander(rig));
        }
    }

    private void attack(PluginRig rig, SteadyLoad load, Case each, List<String> wrong) throws Exception {
        String path = "/attack/" + each.plugin();
        try {
            rig.upload(each.plugin(), "1.0.0", each.manifest(), each.source());
            rig.route(each.plugin(), path, "{\"type\":\"plugin\",\"use\":\"" + each.plugin() + "@1\"}");
            load.phase();
            assertThat(ask(rig, path, "x-b: 1")).isEqualTo(200);
            Map<Integer, Integer> statuses = new TreeMap<>();
            int attacks = each.fate() == Fate.STOPPED ? ATTACKS_TO_QUARANTINE : ATTACKS;
            for (int i = 0; i < attacks && !state(rig, each).equals("quarantined"); i++) {
                statuses.merge(ask(rig, path, "x-attack: 1"), 1, Integer::sum);
            }
            if (each.fate() == Fate.DRAGS) {
                load.await(DRAG_REQUESTS);
            }
            JsonNode seen = rig.version(each.plugin(), "1.0.0");
            System.out.printf(
                    "%-36s %-7s %s, longest entry %6.2f ms, answers %s, %s %s%n",
                    each.name(),
                    each.fate(),
                    SteadyLoad.told(load.phase()),
                    rig.rig.metricMax("penstock_plugin_stall_seconds", "\"" + each.plugin() + "\"") * 1e3,
                    statuses,
                    seen.path("state").asString(),
                    seen.path("faults"));
            assertThat(rig.rig.metric("penstock_plugin_quarantined", "\"" + each.plugin() + "\""))
                    .isEqualTo(each.fate() == Fate.STOPPED ? 1 : 0);
            assertThat(statuses.keySet())
                    .allMatch(status ->
                            each.fate() == Fate.CLEAN ? status < 500 : each.fate() == Fate.DRAGS || status == 500);
        } catch (AssertionError | IOException failed) {
            System.out.println(each.name() + ": " + failed.getMessage());
            wrong.add(each.name() + ": " + failed.getMessage());
        }
        rig.drop("/v1/routes/" + each.plugin());
    }

    private static String state(PluginRig rig, Case each) throws Exception {
        return rig.version(each.plugin(), "1.0.0").path("state").asString();
    }

    // On a connection of its own, and the bystander's answer behind it: nothing of the attack is left on the wire.
    private static int ask(PluginRig rig, String path, String field) throws IOException {
        try (WireClient client = new WireClient(rig.rig.port)) {
            WireClient.Reply reply = client.get(path, field);
            assertThat(reply.fields())
                    .noneMatch(line -> line.toLowerCase(Locale.ROOT).startsWith("x-injected"));
            if (!reply.isLast()) {
                WireClient.Reply next = client.get(PluginRig.BYSTANDER, "x-b: 1");
                assertThat(next.status()).isEqualTo(200);
                assertThat(next.body()).isEqualTo("up");
            }
            return reply.status();
        }
    }

    private static double contextsOfTheBystander(PluginRig rig) throws Exception {
        return rig.rig.metric("penstock_plugin_contexts", "\"bystander\"");
    }
}
