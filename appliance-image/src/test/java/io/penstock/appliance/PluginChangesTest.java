package io.penstock.appliance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** What operators do to plugins that are in use, and what they should not have sent. */
@Tag("long")
final class PluginChangesTest {
    private static final int MOVES = 20;
    private static final int MANIFEST_BYTES = 8 << 20;

    @TempDir
    private Path folder;

    private static String source(String version) {
        return "export default { onRequest(req) { return new Response('%s'); } };".formatted(version);
    }

    private static String answer(PluginRig rig) throws IOException {
        try (WireClient client = new WireClient(rig.rig.port)) {
            return client.get("/changing", "x-a: b").body();
        }
    }

    @ParameterizedTest(name = "{0} workers")
    @ValueSource(ints = {1, 4})
    void failNoRequest(int workers) throws Exception {
        try (PlainEndpoint endpoint = new PlainEndpoint();
                PluginRig rig = new PluginRig(folder, "-Xmx256m", endpoint, "--workers", Integer.toString(workers))) {
            rig.upload("changing", "1.0.0", "{}", source("v1"));
            rig.upload("changing", "1.1.0", "{}", source("v2"));
            rig.upload("changing", "2.0.0", "{}", source("v3"));
            rig.route("changing", "/changing", "{\"type\":\"plugin\",\"use\":\"changing@1.0.0\"}");
            try (SteadyLoad load = SteadyLoad.on(rig.rig.port, 8, 50, "/changing", PluginRig.SERVED)) {
                for (int i = 0; i < MOVES; i++) {
                    assertMoved(rig, "upgrade", "{\"version\":\"1.1.0\"}", "v2");
                    assertMoved(rig, "rollback", "", "v1");
                }
                System.out.printf(
                        "%d workers, %d upgrades and rollbacks: %s%n", workers, MOVES, SteadyLoad.told(load.phase()));

                rig.route("changing", "/changing", """
                        {"type":"plugin","use":"changing@1.0.0","canary":{"use":"changing@2.0.0","percent":50}}""");
                load.await(400);
                assertMoved(rig, "upgrade", "{\"version\":\"2.0.0\"}", "v3");
                assertMoved(rig, "rollback", "", "");
                assertThat(answer(rig)).isIn("v1", "v3");
                rig.route("changing", "/changing", "{\"type\":\"plugin\",\"use\":\"changing@1.0.0\"}");
                assertThat(answer(rig)).isEqualTo("v1");

                HttpResponse<String> used = rig.drop("/v1/plugins/changing/versions/1.0.0");
                assertThat(used.statusCode()).as(used.body()).isEqualTo(409);
                assertThat(used.body()).contains("in-use");
                HttpResponse<String> missing =
                        rig.offerRoute("missing", "/missing", "{\"type\":\"plugin\",\"use\":\"changing@7\"}");
                assertThat(missing.statusCode()).as(missing.body()).isEqualTo(422);
                assertThat(missing.body()).contains("/filters/0/use", "changing");
                HttpResponse<String> nowhere = rig.move("changing", "upgrade", "{\"version\":\"9.9.9\"}");
                assertThat(nowhere.statusCode()).as(nowhere.body()).isEqualTo(422);
                HttpResponse<String> other = rig.offer("changing", "1.0.0", "{}", source("v9"));
                assertThat(other.statusCode()).as(other.body()).isEqualTo(409);
                assertThat(answer(rig)).isEqualTo("v1");
                load.finish();
                System.out.printf("%d workers, canary, refusals: %s%n", workers, SteadyLoad.told(load.phase()));
                assertThat(load.faults()).isEmpty();
            }
            assertThat(rig.rig.metric("penstock_plugin_contexts", "1.0.0\"")).isPositive();
        }
    }

    private static void assertMoved(PluginRig rig, String how, String body, String answer) throws Exception {
        HttpResponse<String> moved = rig.move("changing", how, body);
        assertThat(moved.statusCode()).as(moved.body()).isEqualTo(200);
        if (!answer.isEmpty()) {
            assertThat(answer(rig)).isEqualTo(answer);
        }
    }

    @Test
    void archivesThatMeanHarmAreRefusedWithWhatIsWrong() throws Exception {
        try (PlainEndpoint endpoint = new PlainEndpoint();
                PluginRig rig = new PluginRig(folder, "-Xmx256m", endpoint);
                SteadyLoad load = SteadyLoad.on(rig.rig.port, 4, 50, PluginRig.BYSTANDER, PluginRig.SERVED)) {
            long heap = rig.rig.gateway.liveHeapBytes();
            for (Map.Entry<String, byte[]> each : archives().entrySet()) {
                HttpResponse<String> reply =
                        rig.rig.send("PUT", "/v1/plugins/bad/versions/1.0.0", "application/zip", each.getValue());
                JsonNode said = PluginRig.json(reply);
                System.out.printf(
                        "%-28s %8d bytes: %d %s%n",
                        each.getKey(),
                        each.getValue().length,
                        reply.statusCode(),
                        said.findValuesAsString("code").stream()
                                .findFirst()
                                .orElse(said.path("title").asString()));
                assertThat(reply.statusCode())
                        .as("%s: %s", each.getKey(), reply.body())
                        .isBetween(400, 499);
                assertThat(reply.statusCode())
                        .as("%s: %s", each.getKey(), reply.body())
                        .isNotIn(401, 403, 404, 405);
            }
            assertThat(rig.rig.ask("/v1/plugins/bad").statusCode()).isEqualTo(404);
            load.finish();
            assertThat(load.faults()).isEmpty();
            assertThat(rig.rig.gateway.liveHeapBytes() - heap).isLessThan(32L << 20);
            System.out.println("bystander: " + SteadyLoad.told(load.phase()));
        }
    }

    private static final byte[] MANIFEST = "{\"name\":\"bad\",\"version\":\"1.0.0\",\"api\":1,\"entry\":\"main.mjs\"}"
            .getBytes(StandardCharsets.UTF_8);
    private static final byte[] MAIN = "export default { onRequest() {} };".getBytes(StandardCharsets.UTF_8);

    private static Map<String, byte[]> archives() throws IOException {
        Map<String, byte[]> archives = new LinkedHashMap<>();
        archives.put("nothing", new byte[0]);
        archives.put("zeros", new byte[10_000]);
        archives.put("text", "not a zip at all".getBytes(StandardCharsets.UTF_8));
        archives.put("an empty archive", zip(Map.of()));
        archives.put("out of its folder", withFile("../../evil.mjs", MAIN));
        archives.put("an absolute path", withFile("/etc/evil.mjs", MAIN));
        archives.put("a backslash", withFile("..\\evil.mjs", MAIN));
        archives.put("a name with NUL", withFile("a\0.mjs", MAIN));
        archives.put("a very long name", withFile("a".repeat(60_000), MAIN));
        archives.put("a bomb", withFile("bomb.txt", new byte[200 << 20]));
        archives.put("a bomb of a manifest", zip(Map.of("plugin.json", new byte[100 << 20], "main.mjs", MAIN)));
        archives.put("very many files", many(60_000));
        archives.put("a symbolic link", link());
        archives.put("a name twice", twice());
        archives.put("cut off", java.util.Arrays.copyOf(good(), good().length - 10));
        archives.put("octets before it", joined("MZ".repeat(100).getBytes(StandardCharsets.US_ASCII), good()));
        archives.put("octets behind it", joined(good(), new byte[100]));
        archives.put("a lie about a size", lying());
        archives.put(
                "another name",
                zip(Map.of(
                        "plugin.json",
                        new String(MANIFEST, StandardCharsets.UTF_8)
                                .replace("bad", "good")
                                .getBytes(StandardCharsets.UTF_8),
                        "main.mjs",
                        MAIN)));
        archives.put(
                "a deep manifest",
                zip(Map.of(
                        "plugin.json",
                        ("{\"configSchema\":" + "[".repeat(200_000) + "]".repeat(200_000) + "}")
                                .getBytes(StandardCharsets.UTF_8),
                        "main.mjs",
                        MAIN)));
        archives.put(
                "a module without end",
                zip(Map.of(
                        "plugin.json",
                        MANIFEST,
                        "main.mjs",
                        "for (;;) {} export default { onRequest() {} };".getBytes(StandardCharsets.UTF_8))));
        archives.put(
                "a module that grows",
                zip(Map.of(
                        "plugin.json",
                        MANIFEST,
                        "main.mjs",
                        "const a = []; for (;;) a.push(new Array(1e5).fill(0)); export default {};"
                                .getBytes(StandardCharsets.UTF_8))));
        archives.put(
                "a module that never settles",
                zip(Map.of(
                        "plugin.json",
                        MANIFEST,
                        "main.mjs",
                        "await new Promise(() => {}); export default { onRequest() {} };"
                                .getBytes(StandardCharsets.UTF_8))));
        archives.put(
                "a module of brackets",
                zip(Map.of(
                        "plugin.json",
                        MANIFEST,
                        "main.mjs",
                        ("export default " + "[".repeat(100_000)).getBytes(StandardCharsets.UTF_8))));
        archives.put(
                "a circle of modules",
                zip(Map.of(
                        "plugin.json", MANIFEST,
                        "main.mjs", "import x from './b.mjs'; export default x;".getBytes(StandardCharsets.UTF_8),
                        "b.mjs", "import x from './main.mjs'; export default x;".getBytes(StandardCharsets.UTF_8))));
        archives.put("more than is taken", new byte[MANIFEST_BYTES + 1]);
        return archives;
    }

    private static byte[] zip(Map<String, byte[]> files) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            for (Map.Entry<String, byte[]> file : files.entrySet()) {
                zip.putNextEntry(new ZipEntry(file.getKey()));
                zip.write(file.getValue());
                zip.closeEntry();
            }
        }
        return bytes.toByteArray();
    }

    private static byte[] good() throws IOException {
        return withFile("a.txt", MAIN);
    }

    private static byte[] withFile(String name, byte[] content) throws IOException {
        Map<String, byte[]> files = new LinkedHashMap<>();
        files.put("plugin.json", MANIFEST);
        files.put("main.mjs", MAIN);
        files.put(name, content);
        return zip(files);
    }

    private static byte[] many(int count) throws IOException {
        Map<String, byte[]> files = new LinkedHashMap<>();
        files.put("plugin.json", MANIFEST);
        files.put("main.mjs", MAIN);
        for (int i = 0; i < count; i++) {
            files.put("f/" + i, new byte[0]);
        }
        return zip(files);
    }

    // Unix, and S_IFLNK in the external attributes of the last entry (APPNOTE 4.4.2 and 4.4.15).
    private static byte[] link() throws IOException {
        byte[] zip = withFile("link.mjs", "/etc/passwd".getBytes(StandardCharsets.UTF_8));
        int central = lastIndexOf(zip, 0x02014b50);
        zip[central + 5] = 3;
        zip[central + 41] = (byte) 0xa0;
        return zip;
    }

    // Another file's name overwritten, in both places that have it.
    private static byte[] twice() throws IOException {
        byte[] zip = withFile("maim.mjs", MAIN);
        String text = new String(zip, StandardCharsets.ISO_8859_1).replace("maim.mjs", "main.mjs");
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    // The central directory says one octet of a file that has more (APPNOTE 4.4.9).
    private static byte[] lying() throws IOException {
        byte[] zip = good();
        ByteBuffer.wrap(zip).order(ByteOrder.LITTLE_ENDIAN).putInt(lastIndexOf(zip, 0x02014b50) + 24, 1);
        return zip;
    }

    private static byte[] joined(byte[] first, byte[] second) {
        return ByteBuffer.allocate(first.length + second.length)
                .put(first)
                .put(second)
                .array();
    }

    private static int lastIndexOf(byte[] zip, int signature) {
        ByteBuffer buffer = ByteBuffer.wrap(zip).order(ByteOrder.LITTLE_ENDIAN);
        for (int at = zip.length - 4; at >= 0; at--) {
            if (buffer.getInt(at) == signature) {
                return at;
            }
        }
        throw new AssertionError();
    }
}
