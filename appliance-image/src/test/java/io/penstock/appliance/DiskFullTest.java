package io.penstock.appliance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A data folder, and a folder of access logs, without room. */
@Tag("long")
final class DiskFullTest {
    @TempDir
    private Path folder;

    private Path disk;

    @BeforeEach
    void mountASmallDisk() throws Exception {
        Tool.require("mount", "umount");
        disk = Files.createDirectory(folder.resolve("disk"));
        Tool.Result mounted = Tool.run("mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", disk.toString());
        assumeTrue(mounted.exit() == 0, "may not mount a small disk: " + mounted.said());
    }

    @AfterEach
    void unmount() throws Exception {
        // Lazily, and only what the set-up has mounted.
        Tool.run("umount", "-l", disk.toString());
    }

    @Test
    void servesOnCountsWhatIsNotLoggedAndHeals() throws Exception {
        try (PlainEndpoint endpoint = new PlainEndpoint();
                LongRig rig = new LongRig(
                        folder, disk.resolve("data"), "-Xmx256m", LongRig.document(endpoint.port(), "", 0), endpoint);
                LongRig.Client client = rig.client()) {
            assertThat(create(rig, "before").statusCode()).isEqualTo(201);
            fill();

            HttpResponse<String> refused = create(rig, "without-room");
            assertThat(refused.statusCode()).isEqualTo(507);
            assertThat(refused.body()).contains("full", "free space", "Nothing was changed");
            System.out.println("refused: " + refused.body());
            int sent = 20_000;
            for (int i = 0; i < sent; i++) {
                assertThat(client.get("/a")).startsWith("HTTP/1.1 200 OK 2 ");
            }
            Awaitility.await()
                    .untilAsserted(() -> assertThat(lines(rig) + dropped(rig))
                            .isEqualTo(rig.metric("penstock_access_records_total", "")));
            assertThat(dropped(rig)).isPositive();
            assertThat(rig.metric("penstock_access_log_faulty", "")).isOne();
            assertThat(rig.ask("/v1/node").body()).contains("\"healthy\":false");

            free();
            Awaitility.await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> {
                assertThat(client.get("/a")).startsWith("HTTP/1.1 200 OK 2 ");
                assertThat(rig.metric("penstock_access_log_faulty", "")).isZero();
            });
            assertThat(create(rig, "with-room").statusCode()).isEqualTo(201);
            assertThat(rig.ask("/v1/node").body()).contains("\"healthy\":true");
            Awaitility.await().untilAsserted(() -> {
                List<String> written = Files.readAllLines(disk.resolve("data/log/access.log"));
                assertThat(written)
                        .hasSize((int) lines(rig))
                        .allMatch(line -> line.startsWith("{\"time\"") && line.endsWith("}"));
            });
            System.out.printf("disk full: %.0f lines written, %.0f dropped and counted%n", lines(rig), dropped(rig));
        }
    }

    @Test
    void startsFromItsLastRevisionOnAFullDisk() throws Exception {
        try (PlainEndpoint endpoint = new PlainEndpoint()) {
            String document = LongRig.document(endpoint.port(), "", 0);
            try (LongRig rig = new LongRig(folder, disk.resolve("data"), "-Xmx256m", document, endpoint)) {
                assertThat(create(rig, "kept").statusCode()).isEqualTo(201);
                fill();
                rig.gateway.signal("KILL");
                rig.gateway.awaitExit();
            }
        }
        try (GatewayProcess gateway = GatewayProcess.serving(
                folder,
                "",
                "--data",
                disk.resolve("data").toString(),
                "--admin",
                "127.0.0.1:0",
                "--status",
                "127.0.0.1:0")) {
            assertThat(gateway.awaitReady()).contains("revision 3", "listeners web ");
        }
    }

    private static HttpResponse<String> create(LongRig rig, String name) throws IOException, InterruptedException {
        return rig.offer("/v1/routes/" + name, LongRig.route("/" + name, 0));
    }

    private static double lines(LongRig rig) throws IOException, InterruptedException {
        return rig.metric("penstock_access_log_lines_total", "");
    }

    private static double dropped(LongRig rig) throws IOException, InterruptedException {
        return rig.metric("penstock_access_log_dropped_total", "");
    }

    private void fill() throws IOException {
        try (OutputStream filler = Files.newOutputStream(disk.resolve("filler"))) {
            byte[] page = new byte[4_096];
            while (true) {
                filler.write(page);
            }
        } catch (IOException full) {
            assertThat(full).hasMessageContaining("No space left");
        }
    }

    private void free() throws IOException {
        Files.delete(disk.resolve("filler"));
    }
}
