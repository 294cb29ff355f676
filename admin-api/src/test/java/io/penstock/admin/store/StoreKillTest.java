package io.penstock.admin.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code kill -9} in the middle of bulk writes: every acknowledged revision is there, and none is mixed with another. */
final class StoreKillTest {

    /** 10 by default, 100 with the profile {@code kill}. */
    private static final int KILLS = Integer.getInteger("penstock.test.kills", 10);

    @TempDir
    private Path folder;

    @Test
    void losesNoAcknowledgedRevisionAndMixesNone() throws Exception {
        Random random = new Random(20261120);
        long acknowledged = 0;

        for (int kill = 1; kill <= KILLS; kill++) {
            acknowledged = Math.max(acknowledged, writeUntilKilled(BulkWriter.class, random.nextInt(1, 120)));

            assertHolds(kill, acknowledged);
        }
    }

    @Test
    void losesNoAcknowledgedPluginAndCutsNone() throws Exception {
        Random random = new Random(20261121);
        long acknowledged = 0;

        for (int kill = 1; kill <= Math.max(3, KILLS / 2); kill++) {
            acknowledged = Math.max(acknowledged, writeUntilKilled(PluginWriter.class, random.nextInt(1, 30)));

            assertHoldsPlugins(kill, acknowledged);
        }
    }

    private void assertHoldsPlugins(int kill, long acknowledged) {
        try (StoreFixture fixture = new StoreFixture(folder).with(StoreFixture.options(2000, 50))) {
            assertThat(fixture.recovery()).as("kill %s", kill).isEmpty();
            PluginRecords plugins = fixture.store().plugins();

            assertThat(plugins.all().size()).as("kill %s", kill).isGreaterThanOrEqualTo((int) acknowledged);
            for (long version = 1; version <= plugins.all().size(); version++) {
                assertThat(plugins.content("guard", version + ".0.0"))
                        .as("kill %s, version %s", kill, version)
                        .contains(PluginWriter.content(version));
            }
            assertThat(fixture.store().audit().verify().isSound())
                    .as("kill %s", kill)
                    .isTrue();
        }
    }

    /** Kills a writer after so many acknowledgements, at whatever it is doing then; gives the last number it printed. */
    private long writeUntilKilled(Class<?> program, int acknowledgements) throws Exception {
        Process writer = new ProcessBuilder(
                        ProcessHandle.current().info().command().orElseThrow(),
                        "--enable-native-access=ALL-UNNAMED",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                        program.getName(),
                        folder.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        long last = 0;
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(writer.getInputStream(), StandardCharsets.UTF_8))) {
            assertThat(lines.readLine()).isEqualTo("ready");
            for (int i = 0; i < acknowledgements; i++) {
                last = Long.parseLong(String.valueOf(lines.readLine()));
            }
            // By its handle: a Process would close the pipe, and with it what was still printed.
            writer.toHandle().destroyForcibly();
            // What it still printed before it died was acknowledged too; a number cut short is no acknowledgement.
            StringBuilder rest = new StringBuilder();
            for (int next = lines.read(); next >= 0; next = lines.read()) {
                rest.append((char) next);
            }
            int end = rest.lastIndexOf("\n");
            if (end > 0) {
                String[] complete = rest.substring(0, end).split("\n", -1);
                last = Long.parseLong(complete[complete.length - 1]);
            }
        }
        assertThat(writer.waitFor(10, TimeUnit.SECONDS)).isTrue();
        assertThat(writer.exitValue()).as("ended by SIGKILL").isEqualTo(137);
        return last;
    }

    private void assertHolds(int kill, long acknowledged) {
        try (StoreFixture fixture = new StoreFixture(folder).with(StoreFixture.options(2000, 50))) {
            assertThat(fixture.recovery()).as("kill %s", kill).isEmpty();
            ConfigStore store = fixture.store();
            StoredConfig loaded = store.load();

            assertThat(loaded.revision()).as("kill %s", kill).isGreaterThanOrEqualTo(acknowledged);
            assertIsWhole(loaded);
            List<RevisionSummary> newest = store.revisions(Optional.empty(), 40).items();
            for (RevisionSummary revision : newest) {
                assertIsWhole(store.image(revision.number()).orElseThrow());
            }
            assertThat(store.verify().isSound()).as("kill %s", kill).isTrue();
            assertThat(store.audit().verify().isSound()).as("kill %s", kill).isTrue();
            assertThat(store.audit()
                            .list(AuditQuery.newest(1))
                            .items()
                            .getFirst()
                            .event()
                            .revision())
                    .as("kill %s: the audit line came with its revision", kill)
                    .contains(loaded.revision());
        }
    }

    private static void assertIsWhole(StoredConfig config) {
        assertThat(config.resources()).hasSize(BulkWriter.RESOURCES);
        assertThat(config.resources().values())
                .as("revision %s", config.revision())
                .allSatisfy(resource -> assertThat(resource.json()).contains("\"v" + config.revision() + "\""));
    }
}
