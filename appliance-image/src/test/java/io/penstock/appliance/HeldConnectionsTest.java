package io.penstock.appliance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Connections that stay: what they cost, and that nothing grows or breaks under them. */
@Tag("long")
final class HeldConnectionsTest {
    private static final long MIB = 1 << 20;
    private static final int ROUTES = 10_000;

    @TempDir
    private Path folder;

    @Test
    void keepsMemoryFlatAndCutsNothingOverAThousandRevisions() throws Exception {
        try (LongRig rig = new LongRig(folder, "-Xmx512m", ROUTES)) {
            List<LongRig.Client> idle = clients(rig, 200);
            List<LongRig.Client> running = clients(rig, 20);
            for (LongRig.Client client : running) {
                client.send("/slow");
            }
            // The first ones bring what is compiled and pooled once to its size.
            change(rig, 0, 300);
            Memory before = Memory.of(rig.gateway);
            change(rig, 300, 1_300);
            Memory after = Memory.of(rig.gateway);
            System.out.println("1000 revisions of " + ROUTES + " routes: " + before + " -> " + after);

            rig.endpoint.letGo();
            for (LongRig.Client client : running) {
                assertThat(client.response()).startsWith("HTTP/1.1 200 OK 2 ");
            }
            for (LongRig.Client client : idle) {
                assertThat(client.get("/r/7")).startsWith("HTTP/1.1 200 OK 2 ");
            }
            assertThat(after.heap() - before.heap()).isLessThan(24 * MIB);
            assertThat(after.resident() - before.resident()).isLessThan(64 * MIB);
            assertThat(after.descriptors() - before.descriptors()).isBetween(-8, 8);
            close(idle);
            close(running);
        }
    }

    private static void change(LongRig rig, int from, int to) throws Exception {
        for (int i = from; i < to; i++) {
            int route = i * 7 % ROUTES;
            rig.put("/v1/routes/r-" + route, LongRig.route("/r/" + route + (i % 2 == 0 ? "/x" : ""), i));
        }
    }

    private record Memory(long heap, long resident, int descriptors) {
        static Memory of(GatewayProcess gateway) throws Exception {
            return new Memory(gateway.liveHeapBytes(), gateway.statusKib("VmRSS") << 10, gateway.descriptors());
        }

        @Override
        public String toString() {
            return "heap %.1f MiB, resident %.1f MiB, %d descriptors"
                    .formatted(heap / (double) MIB, resident / (double) MIB, descriptors);
        }
    }

    private static List<LongRig.Client> clients(LongRig rig, int count) throws IOException {
        List<LongRig.Client> clients = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            LongRig.Client client = rig.client();
            assertThat(client.get("/r/1")).startsWith("HTTP/1.1 200 OK 2 ");
            clients.add(client);
        }
        return clients;
    }

    private static void close(List<LongRig.Client> clients) throws IOException {
        for (LongRig.Client client : clients) {
            client.close();
        }
    }

    @Test
    void costsLittleForEachOfTenThousandIdleConnections() throws Exception {
        int count = 10_000;
        try (LongRig rig = new LongRig(folder, "-Xmx512m", 0)) {
            // What the first connections bring once: classes, pools, histograms.
            close(clients(rig, 500));
            Memory before = Memory.of(rig.gateway);
            List<Socket> idle = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                Socket socket = new Socket(InetAddress.getLoopbackAddress(), rig.port);
                ask(socket);
                idle.add(socket);
            }
            Memory held = Memory.of(rig.gateway);
            System.out.printf(
                    "10000 idle connections: heap %.2f KB, resident %.2f KB each (%s -> %s)%n",
                    (held.heap() - before.heap()) / 1e3 / count,
                    (held.resident() - before.resident()) / 1e3 / count,
                    before,
                    held);

            for (Socket socket : idle) {
                ask(socket);
                socket.close();
            }
            assertThat(held.resident() - before.resident()).isLessThan(12_000L * count);
        }
    }

    private static void ask(Socket socket) throws IOException {
        socket.getOutputStream().write("GET / HTTP/1.1\r\nHost: a\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        InputStream input = socket.getInputStream();
        assertThat(PlainEndpoint.line(input)).isEqualTo("HTTP/1.1 200 OK");
        for (String field = PlainEndpoint.line(input); !field.isEmpty(); field = PlainEndpoint.line(input)) {
            assertThat(field).contains(":");
        }
        assertThat(input.readNBytes(2)).asString(StandardCharsets.US_ASCII).isEqualTo("up");
    }
}
