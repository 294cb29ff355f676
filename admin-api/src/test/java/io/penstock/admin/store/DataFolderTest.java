package io.penstock.admin.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DataFolderTest {

    @TempDir
    private Path parent;

    @Test
    void isMadeForItsOwnerOnly() throws Exception {
        try (DataFolder folder = DataFolder.hold(parent.resolve("a/b"))) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.path())))
                    .isEqualTo("rwx------");
        }
    }

    @Test
    void cannotBeHeldTwiceByOneProcessAndStaysHeldAfterTheTry() throws Exception {
        try (DataFolder folder = DataFolder.hold(parent)) {
            assertThatThrownBy(() -> DataFolder.hold(parent))
                    .isInstanceOf(DataFolderRefused.class)
                    .hasMessageContaining(
                            "in use by process " + ProcessHandle.current().pid());

            assertThat(holdInAnotherProcess(folder.path()))
                    .contains("in use by process " + ProcessHandle.current().pid());
        }
    }

    @Test
    void staysHeldByTheNextOneIfItsFormerHolderClosesItAgain() throws Exception {
        DataFolder former = DataFolder.hold(parent);
        former.close();
        try (DataFolder next = DataFolder.hold(parent)) {
            former.close();

            assertThatThrownBy(() -> DataFolder.hold(next.path())).isInstanceOf(DataFolderRefused.class);
            assertThat(holdInAnotherProcess(next.path())).contains("in use by process");
        }
    }

    @Test
    void namesTheProcessThatHoldsItAndIsFreeOnceThatIsKilled() throws Exception {
        Process holder = start(parent);
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(holder.getInputStream(), StandardCharsets.UTF_8))) {
            assertThat(lines.readLine()).isEqualTo("held");

            assertThatThrownBy(() -> DataFolder.hold(parent))
                    .isInstanceOf(DataFolderRefused.class)
                    .hasMessageContaining("in use by process " + holder.pid())
                    .hasMessageContaining("choose another folder with --data");
        } finally {
            holder.destroyForcibly().waitFor();
        }
        DataFolder.hold(parent).close();
    }

    @Test
    void writesSecretsForItsOwnerOnlyAndWholeOrNotAtAll() throws Exception {
        try (DataFolder folder = DataFolder.hold(parent)) {
            folder.writeSecret("secret", "one");
            folder.writeSecret("secret", "two");

            assertThat(folder.readSecret("secret")).contains("two");
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.file("secret"))))
                    .isEqualTo("rw-------");

            folder.delete("secret");
            assertThat(folder.readSecret("secret")).isEmpty();
        }
    }

    private static String holdInAnotherProcess(Path folder) throws Exception {
        Process other = start(folder);
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(other.getInputStream(), StandardCharsets.UTF_8))) {
            return String.valueOf(lines.readLine());
        } finally {
            other.destroyForcibly().waitFor();
        }
    }

    private static Process start(Path folder) throws Exception {
        return new ProcessBuilder(
                        ProcessHandle.current().info().command().orElseThrow(),
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                        FolderHolder.class.getName(),
                        folder.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }
}
