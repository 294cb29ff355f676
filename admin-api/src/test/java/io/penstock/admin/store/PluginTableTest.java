package io.penstock.admin.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Packages of plugins in the store: as durable as the revisions that name them, and there as long as one does. */
final class PluginTableTest {

    @TempDir
    private Path folder;

    private StoreFixture fixture;

    @BeforeEach
    void open() {
        fixture = new StoreFixture(folder);
    }

    @AfterEach
    void close() {
        fixture.close();
    }

    private PluginRecords plugins() {
        return fixture.store().plugins();
    }

    static byte[] content(String version) {
        return ("package " + version).getBytes(StandardCharsets.UTF_8);
    }

    static PluginRecord plugin(String name, String version) {
        return new PluginRecord(
                name,
                version,
                PluginTable.sha256(content(version)),
                content(version).length,
                "{\"name\":\"" + name + "\"}",
                List.of("onRequest", "onResponse"),
                List.of(),
                StoreFixture.NOW,
                "token:test",
                Optional.of("why"));
    }

    static AuditEvent line(String version) {
        return StoreFixture.event(
                "token:test",
                "plugin.put",
                "/plugins/guard/versions/" + version,
                AuditEvent.Outcome.APPLIED,
                Optional.empty());
    }

    private Optional<PluginRecord> put(String version) {
        return plugins().put(plugin("guard", version), content(version), line(version));
    }

    private static ResourceWrite routeWith(String resolved) {
        return ResourceWrite.put(
                StoreFixture.route("r"),
                "{\"name\":\"r\",\"filters\":[{\"type\":\"plugin\",\"use\":\"guard@1\",\"resolved\":\"" + resolved
                        + "\"}]}");
    }

    @Test
    void givesBackWhatWasStoredAlsoAfterAStart() {
        assertThat(put("1.0.0")).isEmpty();

        fixture.reopen();

        assertThat(plugins().all()).containsExactly(plugin("guard", "1.0.0"));
        assertThat(plugins().content("guard", "1.0.0")).contains(content("1.0.0"));
        assertThat(plugins().content("guard", "2.0.0")).isEmpty();
        assertThat(fixture.store()
                        .audit()
                        .list(AuditQuery.newest(1))
                        .items()
                        .getFirst()
                        .event()
                        .action())
                .isEqualTo("plugin.put");
    }

    @Test
    void keepsTheFirstContentOfAVersion() {
        put("1.0.0");
        PluginRecord other = new PluginRecord(
                "guard",
                "1.0.0",
                PluginTable.sha256(content("other")),
                content("other").length,
                "{}",
                List.of(),
                List.of(),
                StoreFixture.NOW,
                "x",
                Optional.empty());

        Optional<PluginRecord> present = plugins().put(other, content("other"), line("1.0.0"));

        assertThat(present).contains(plugin("guard", "1.0.0"));
        assertThat(plugins().content("guard", "1.0.0")).contains(content("1.0.0"));
        assertThat(fixture.store().audit().list(AuditQuery.newest(10)).items()).hasSize(1);
    }

    @Test
    void removesWhatNoKeptRevisionNames() throws Exception {
        put("1.0.0");

        assertThat(plugins().remove("guard", "1.0.0", line("1.0.0"))).isEmpty();

        assertThat(plugins().all()).isEmpty();
        put("1.1.0");
        try (Stream<Path> files = Files.list(PluginCopy.path(folder))) {
            assertThat(files.map(file -> String.valueOf(file.getFileName())))
                    .as("the copy holds what the store holds")
                    .containsExactlyInAnyOrder("index.json", PluginTable.sha256(content("1.1.0")) + ".zip");
        }
    }

    @Test
    void keepsWhatIsNamedNow() {
        put("1.0.0");
        long revision = fixture.commit(routeWith("1.0.0"));

        assertThat(plugins().remove("guard", "1.0.0", line("1.0.0"))).contains(revision);

        assertThat(plugins().all()).hasSize(1);
    }

    @Test
    void keepsWhatOnlyAnOlderRevisionNames() {
        put("1.0.0");
        put("1.1.0");
        long older = fixture.commit(routeWith("1.0.0"));
        fixture.commit(routeWith("1.1.0"));
        fixture.commit(StoreFixture.remove("r"));

        assertThat(plugins().remove("guard", "1.0.0", line("1.0.0"))).contains(older);
    }

    @Test
    void removesWhatOnlyPrunedRevisionsNamed() {
        fixture.with(StoreFixture.options(1, 100));
        put("1.0.0");
        fixture.commit(routeWith("1.0.0"));
        fixture.commit(StoreFixture.remove("r"));
        fixture.commit(StoreFixture.put("s", "1"));

        fixture.reopen();
        // Opening prunes behind what waits; a write behind it says that it is done.
        fixture.commit(StoreFixture.put("s", "2"));

        assertThat(plugins().remove("guard", "1.0.0", line("1.0.0"))).isEmpty();
    }

    @Test
    void storesNoRevisionThatNamesAVersionThatIsNotThere() {
        assertThatThrownBy(() -> fixture.commit(routeWith("1.0.0")))
                .isInstanceOf(StoreRefused.class)
                .hasMessageContaining("guard@1.0.0");

        assertThat(fixture.store().revision()).isZero();
    }

    @Test
    void bringsThePluginsBackWhenTheStoreIsLost() throws Exception {
        put("1.0.0");
        fixture.commit(routeWith("1.0.0"));
        fixture.close();
        Files.write(fixture.file(StoreOpening.FILE), new byte[0]);

        assertThat(fixture.recovery()).isPresent();

        assertThat(plugins().all()).containsExactly(plugin("guard", "1.0.0"));
        assertThat(plugins().content("guard", "1.0.0")).contains(content("1.0.0"));
    }

    @Test
    void servesNoPluginWhoseCopyIsDamaged() throws Exception {
        put("1.0.0");
        put("1.1.0");
        fixture.commit(StoreFixture.put("s", "1"));
        fixture.close();
        Files.write(fixture.file(StoreOpening.FILE), new byte[0]);
        Files.writeString(
                PluginCopy.path(folder).resolve(PluginTable.sha256(content("1.0.0")) + ".zip"), "something else");

        assertThat(plugins().all()).containsExactly(plugin("guard", "1.1.0"));
    }

    @Test
    void makesACopyAgainThatSomebodyTookAway() throws Exception {
        put("1.0.0");
        fixture.close();
        try (Stream<Path> files = Files.list(PluginCopy.path(folder))) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(PluginCopy.path(folder));

        fixture.reopen();
        fixture.commit(StoreFixture.put("s", "1"));

        assertThat(PluginCopy.readIndex(folder)).containsExactly(plugin("guard", "1.0.0"));
        assertThat(PluginCopy.readContent(folder, PluginTable.sha256(content("1.0.0"))))
                .contains(content("1.0.0"));
    }
}
