package io.penstock.admin.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.penstock.admin.store.AuditEvent;
import io.penstock.admin.store.AuditQuery;
import io.penstock.admin.store.ConfigStore;
import io.penstock.admin.store.DataFolder;
import io.penstock.admin.store.SqliteConfigStore;
import io.penstock.admin.store.StoreOptions;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class RestoreTest {
    private static final char[] PASSPHRASE = "correct horse battery".toCharArray();
    private static final Clock CLOCK = Clock.fixed(Instant.parse("2026-11-22T10:00:00Z"), ZoneOffset.UTC);

    private final SecureRandom random = new SecureRandom();

    @TempDir
    Path folder;

    private Path source = Path.of("");
    private Path target = Path.of("");

    private Backup.PluginStore plugins = file -> false;
    private Restore.PluginImage image = file -> Optional.empty();

    @BeforeEach
    void makeFolders() throws Exception {
        source = folder.resolve("source");
        target = folder.resolve("target");
        fill(source, "from the backup");
        fill(target, "from before");
        Files.writeString(target.resolve("quotas"), "counts of before");
    }

    @Test
    void laysEverythingInPlaceOfWhatWasThere() throws Exception {
        byte[] backup = backup();

        BackupHeader header = restore(backup, PASSPHRASE);

        assertThat(header.time()).isEqualTo(CLOCK.instant());
        assertThat(header.madeBy()).isEqualTo("1.2.3");
        assertThat(Files.readString(target.resolve("instance.seed"))).isEqualTo("seed from the backup");
        assertThat(audited(target)).contains("from the backup").doesNotContain("from before");
        // The backup holds none: what is left of the state before would count for another gateway.
        assertThat(target.resolve("quotas")).doesNotExist();
        assertThat(target.resolve("log/access.log")).exists();
        assertThat(target.resolve("restore.ready")).doesNotExist();
        assertThat(target.resolve("restore.new")).doesNotExist();
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(target.resolve("penstock.db"))))
                .isEqualTo("rw-------");
    }

    @Test
    void bringsWhatPluginsKeepInPlaceOfWhatTheyKeptThere() throws Exception {
        Files.writeString(target.resolve("plugin-kv.dat"), "kept before");
        Files.writeString(target.resolve("plugin-kv.lock"), "o");
        plugins = file -> {
            Files.writeString(file, "an image");
            return true;
        };
        byte[] backup = backup();
        assertThat(source.resolve("backup-kv.new")).doesNotExist();

        restore(backup, PASSPHRASE);

        assertThat(Files.readString(target.resolve("plugin-kv.image"))).isEqualTo("an image");
        assertThat(target.resolve("plugin-kv.dat")).doesNotExist();
    }

    @Test
    void changesNothingIfWhatPluginsKeepCannotBeRead() throws Exception {
        Files.writeString(target.resolve("plugin-kv.dat"), "kept before");
        plugins = file -> {
            Files.writeString(file, "an image of 2031");
            return true;
        };
        byte[] backup = backup();
        image = file -> Optional.of("found \"" + Files.readString(file) + "\"");

        assertThatThrownBy(() -> restore(backup, PASSPHRASE))
                .isInstanceOf(BackupRefused.class)
                .hasMessageContaining("found \"an image of 2031\"");
        assertThat(Files.readString(target.resolve("plugin-kv.dat"))).isEqualTo("kept before");
        assertThat(target.resolve("restore.new")).doesNotExist();
    }

    @Test
    void takesWhatPluginsKeptThereAwayIfTheBackupIsOfAVersionThatHeldNoneOfIt() throws Exception {
        Files.writeString(target.resolve("plugin-kv.dat"), "kept before");
        byte[] backup = backup();

        restore(backup, PASSPHRASE);

        assertThat(target.resolve("penstock.db")).exists();
        assertThat(target.resolve("plugin-kv.dat")).doesNotExist();
        assertThat(target.resolve("plugin-kv.image")).doesNotExist();
    }

    @Test
    void makesNoBackupIfWhatPluginsKeepCannotBeCopied() throws Exception {
        plugins = file -> {
            throw new IOException("it is not open");
        };

        assertThatThrownBy(this::backup).hasRootCauseMessage("it is not open");
        assertThat(source.resolve("backup-kv.new")).doesNotExist();
        assertThat(source.resolve("backup.new")).doesNotExist();
    }

    @Test
    void leavesNothingBesideTheStoreAfterABackup() throws Exception {
        backup();

        assertThat(source.resolve("backup.new")).doesNotExist();
    }

    @Test
    void showsNothingOfWhatIsInIt() throws Exception {
        Files.writeString(source.resolve("instance.seed"), "PLANTED-SECRET");

        assertThat(new String(backup(), StandardCharsets.ISO_8859_1))
                .startsWith("penstock-backup 1\n")
                .doesNotContain("PLANTED-SECRET")
                .doesNotContain("SQLite");
    }

    @Test
    void changesNothingWithAnotherPassphrase() throws Exception {
        byte[] backup = backup();
        Map<String, String> before = contents();

        assertThatThrownBy(() -> restore(backup, "wrong horse battery".toCharArray()))
                .isInstanceOf(BackupRefused.class)
                .hasMessageContaining("passphrase");
        assertThat(contents()).isEqualTo(before);
    }

    @Test
    void doesNotBlameThePassphraseWhereNoContentIsLeftToOpen() throws Exception {
        byte[] backup = backup();
        String text = new String(backup, StandardCharsets.ISO_8859_1);
        int header = text.indexOf('\n', text.indexOf('\n') + 1) + 1;

        for (int left : new int[] {0, 1, 16}) {
            assertThatThrownBy(() -> restore(Arrays.copyOf(backup, header + left), PASSPHRASE))
                    .isInstanceOf(BackupRefused.class)
                    .hasMessageContaining("cut off: " + left + " bytes are behind its header")
                    .hasMessageNotContaining("passphrase");
        }
        assertThatThrownBy(() -> restore(Arrays.copyOf(backup, header + 17), PASSPHRASE))
                .hasMessageContaining("passphrase is not the one")
                .hasMessageContaining("cut off");
    }

    @Test
    void changesNothingIfAnyByteIsNotAsItWas() throws Exception {
        Files.write(source.resolve("quotas"), new byte[300_000]);
        byte[] backup = backup();
        Map<String, String> before = contents();
        int[] places = {
            0, 16, 20, 100, 150, 250, 400, 70_000, backup.length / 2, backup.length - 70_000, backup.length - 1
        };

        for (int place : places) {
            byte[] changed = backup.clone();
            changed[place] ^= 1;
            assertThatThrownBy(() -> restore(changed, PASSPHRASE))
                    .as("byte %d", place)
                    .isInstanceOf(BackupRefused.class);
        }
        int[] lengths = {0, 10, 17, 300, 70_000, backup.length - 65_552, backup.length - 1};
        for (int length : lengths) {
            assertThatThrownBy(() -> restore(Arrays.copyOf(backup, length), PASSPHRASE))
                    .as("%d bytes", length)
                    .isInstanceOf(BackupRefused.class);
        }
        assertThatThrownBy(() -> restore(Arrays.copyOf(backup, backup.length + 1), PASSPHRASE))
                .isInstanceOf(BackupRefused.class);
        assertThat(contents()).isEqualTo(before);
    }

    @Test
    void refusesANewerFormatByItsNumber() throws Exception {
        String text = new String(backup(), StandardCharsets.ISO_8859_1).replaceFirst("backup 1\n", "backup 2\n");

        assertThatThrownBy(() -> restore(text.getBytes(StandardCharsets.ISO_8859_1), PASSPHRASE))
                .isInstanceOf(BackupRefused.class)
                .hasMessageContaining("has format 2, and this version reads 1")
                .hasMessageContaining("1.2.3");
    }

    @Test
    void refusesAStoreThatIsNotSound() throws Exception {
        byte[] backup;
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (DataFolder held = DataFolder.hold(source);
                ConfigStore store = open(held);
                Backup made =
                        Backup.of(store, plugins, source, "1.2.3", CLOCK.instant(), BackupHeader.ROUNDS_MIN, random)) {
            byte[] bytes = Files.readAllBytes(source.resolve("backup.new"));
            Arrays.fill(bytes, bytes.length / 2, bytes.length / 2 + 5_000, (byte) 7);
            Files.write(source.resolve("backup.new"), bytes);
            made.write(out, PASSPHRASE);
            backup = out.toByteArray();
        }
        Map<String, String> before = contents();

        assertThatThrownBy(() -> restore(backup, PASSPHRASE)).isInstanceOf(BackupRefused.class);
        assertThat(contents()).isEqualTo(before);
    }

    @Test
    void leavesNothingOfABackupThatWasKilled() throws Exception {
        Files.writeString(target.resolve("backup.new"), "unsealed");
        Files.writeString(target.resolve("backup-kv.new"), "unsealed");

        try (DataFolder held = DataFolder.hold(target)) {
            assertThat(Restore.finish(held)).isFalse();
        }

        assertThat(target.resolve("backup.new")).doesNotExist();
        assertThat(target.resolve("backup-kv.new")).doesNotExist();
    }

    @Test
    void copiesWhoMayReadAFileToo() throws Exception {
        Files.writeString(source.resolve("secrets.key"), "a key");
        Files.setPosixFilePermissions(source.resolve("secrets.key"), PosixFilePermissions.fromString("rw-r--r--"));
        Path copy = Files.createDirectory(source.resolveSibling("copy"));

        try (DataFolder from = DataFolder.hold(source);
                DataFolder to = DataFolder.hold(copy)) {
            Restore.copy(from, to);
        }

        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(copy.resolve("secrets.key"))))
                .isEqualTo("rw-r--r--");
    }

    @Test
    void isFinishedFromAnyPointAtWhichItWasKilled() throws Exception {
        byte[] backup = backup();
        // What a killed process leaves behind the decision: everything staged, with any number of files moved already.
        for (int moved = 0; moved <= 3; moved++) {
            Path killed = folder.resolve("killed" + moved);
            fill(killed, "from before");
            Files.writeString(killed.resolve("quotas"), "counts of before");
            Path staged = folder.resolve("staged" + moved);
            try (DataFolder held = DataFolder.hold(staged)) {
                Restore.restore(held, new ByteArrayInputStream(backup), PASSPHRASE, image, CLOCK, random);
            }
            Files.delete(staged.resolve("lock"));
            StringBuilder names = new StringBuilder();
            try (Stream<Path> files = Files.list(staged)) {
                files.sorted().forEach(file -> names.append(file.getFileName()).append('\n'));
            }
            Files.writeString(staged.resolve("manifest"), names.toString());
            Files.move(staged, killed.resolve("restore.ready"));
            if (moved > 0) {
                Files.delete(killed.resolve("quotas"));
            }
            if (moved > 1) {
                Files.move(
                        killed.resolve("restore.ready/penstock.db"),
                        killed.resolve("penstock.db"),
                        StandardCopyOption.REPLACE_EXISTING);
            }
            if (moved > 2) {
                Files.move(
                        killed.resolve("restore.ready/instance.seed"),
                        killed.resolve("instance.seed"),
                        StandardCopyOption.REPLACE_EXISTING);
            }

            try (DataFolder held = DataFolder.hold(killed)) {
                assertThat(Restore.finish(held)).isTrue();
                assertThat(Restore.finish(held)).isFalse();
            }
            assertThat(audited(killed)).as("%d moved", moved).contains("from the backup");
            assertThat(Files.readString(killed.resolve("instance.seed"))).isEqualTo("seed from the backup");
            assertThat(killed.resolve("quotas")).doesNotExist();
            assertThat(killed.resolve("restore.ready")).doesNotExist();
        }
    }

    @Test
    void goesFirstInAResetAndKeysBeforeAllElse() throws Exception {
        Path ready = Files.createDirectory(target.resolve("restore.ready"));
        Files.writeString(ready.resolve("manifest"), "secrets.key");
        Files.writeString(ready.resolve("secrets.key"), "of the backup");
        Files.writeString(target.resolve("admin-tls.key"), "");

        assertThat(FactoryReset.inOrder(target))
                .extracting(path -> path.getFileName().toString())
                .startsWith("restore.ready", "admin-tls.key", "instance.seed")
                .endsWith("quotas");
        try (DataFolder held = DataFolder.hold(target)) {
            FactoryReset.empty(held);
        }
        assertThat(target).isDirectoryNotContaining(file -> !file.endsWith("lock"));
    }

    @Test
    void isAsIfItHadNeverBeenWhereItWasKilledBeforeTheDecision() throws Exception {
        Map<String, String> before = contents();
        Files.createDirectory(target.resolve("restore.new"));
        Files.writeString(target.resolve("restore.new/penstock.db"), "half");

        try (DataFolder held = DataFolder.hold(target)) {
            assertThat(Restore.finish(held)).isFalse();
        }
        assertThat(contents()).isEqualTo(before);
    }

    private byte[] backup() throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (DataFolder held = DataFolder.hold(source);
                ConfigStore store = open(held);
                Backup backup =
                        Backup.of(store, plugins, source, "1.2.3", CLOCK.instant(), BackupHeader.ROUNDS_MIN, random)) {
            backup.write(out, PASSPHRASE);
        }
        return out.toByteArray();
    }

    private BackupHeader restore(byte[] backup, char[] passphrase) throws Exception {
        try (DataFolder held = DataFolder.hold(target)) {
            return Restore.restore(held, new ByteArrayInputStream(backup), passphrase, image, CLOCK, random);
        }
    }

    private void fill(Path data, String mark) throws Exception {
        try (DataFolder held = DataFolder.hold(data);
                ConfigStore store = open(held)) {
            for (int line = 0; line < 50; line++) {
                store.audit().append(event(mark)).toCompletableFuture().join();
            }
            held.writeSecret("instance.seed", "seed " + mark);
        }
        Files.createDirectory(data.resolve("log"));
        Files.writeString(data.resolve("log/access.log"), "lines\n");
    }

    private static ConfigStore open(DataFolder held) throws Exception {
        return SqliteConfigStore.open(held, StoreOptions.defaults(), CLOCK).store();
    }

    private static AuditEvent event(String note) {
        return new AuditEvent(
                CLOCK.instant(),
                "test",
                Optional.empty(),
                "test.mark",
                "/test",
                AuditEvent.Outcome.APPLIED,
                Optional.empty(),
                Optional.of(note),
                Optional.empty(),
                Optional.empty());
    }

    private static String audited(Path data) throws Exception {
        try (DataFolder held = DataFolder.hold(data);
                ConfigStore store = open(held)) {
            return store.audit().list(AuditQuery.newest(1000)).toString();
        }
    }

    /** Every file of the target but the lock, whose content is a process's number. */
    private Map<String, String> contents() throws IOException {
        Map<String, String> contents = new TreeMap<>();
        try (Stream<Path> files = Files.walk(target)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                if (!file.endsWith("lock")) {
                    contents.put(
                            target.relativize(file).toString(), Files.readString(file, StandardCharsets.ISO_8859_1));
                }
            }
        }
        return contents;
    }
}
