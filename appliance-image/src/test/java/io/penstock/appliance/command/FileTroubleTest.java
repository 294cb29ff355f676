package io.penstock.appliance.command;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What commands say of files, without the names of Java's classes. */
final class FileTroubleTest {
    @TempDir
    private Path folder;

    @Test
    void saysOfAFileThatItIsNotThereOrAFolder() {
        Path none = folder.resolve("none");

        assertThat(refusal(() -> SourceDocument.read(none, Map.of()))).isEqualTo(none + " does not exist");
        assertThat(refusal(() -> SourceDocument.read(folder, Map.of())))
                .isEqualTo(folder + " is a folder, wanted a file");
        assertThat(refusal(() -> TokenFile.read(none))).isEqualTo("token file " + none + " does not exist");
        assertThat(refusal(() -> TokenFile.read(folder)))
                .isEqualTo("token file " + folder + " is a folder, wanted a file");
        assertThat(refusal(() -> Passphrase.read(Optional.of(none), false)))
                .isEqualTo("passphrase file " + none + " does not exist");
        assertThat(refusal(() -> Passphrase.read(Optional.of(folder), false)))
                .isEqualTo("passphrase file " + folder + " is a folder, wanted a file");
        assertThat(refusal(() -> FileTrouble.opened("backup ", folder)))
                .isEqualTo("backup " + folder + " is a folder, wanted a file");
    }

    @Test
    void saysOfAFileThatItIsNoText() throws IOException {
        Path binary = Files.write(folder.resolve("binary"), new byte[] {(byte) 0xff, (byte) 0xfe});

        assertThat(refusal(() -> Passphrase.read(Optional.of(binary), false)))
                .isEqualTo("passphrase file " + binary + " is not UTF-8 text");
    }

    @Test
    void saysWhoMayNotAndWhatTheSystemSaid() {
        Path file = Path.of("kept.bin");

        assertThat(FileTrouble.unread("kept.bin", new AccessDeniedException("kept.bin"))
                        .text())
                .isEqualTo("kept.bin: permission denied, for the user " + System.getProperty("user.name"));
        assertThat(FileTrouble.unwritten(file, new IOException("No space left on device"))
                        .text())
                .isEqualTo("kept.bin: there is no room left on its disk");
        assertThat(FileTrouble.reason(new FileSystemException("kept.bin", null, "Read-only file system")))
                .isEqualTo("kept.bin: read-only file system");
        assertThat(FileTrouble.reason(new IOException())).isEqualTo("it failed (java.io.IOException)");
    }

    @Test
    void saysOfAFileToBeWrittenThatItsFolderIsNotThere() throws IOException {
        Path file = folder.resolve("none/own.db");
        IOException failed = failure(() -> Files.writeString(file, "x"));

        assertThat(FileTrouble.unwritten(file, failed).text())
                .isEqualTo(file + " cannot be written: its folder does not exist");
        assertThat(FileTrouble.unwritten(folder, failure(() -> Files.writeString(folder, "x")))
                        .text())
                .isEqualTo(folder + " is a folder, name a file in it");
    }

    @Test
    void saysThatAFileBrokeOffAndAfterHowMuch() throws IOException {
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                ApiClient client = new ApiClient(
                        URI.create("http://127.0.0.1:" + server.getLocalPort()), Optional.empty(), Optional.empty())) {
            Thread.ofVirtual().start(() -> {
                try (Socket connection = server.accept()) {
                    connection.getInputStream().read(new byte[8192]);
                    connection
                            .getOutputStream()
                            .write(("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n" + "x".repeat(300))
                                    .getBytes(UTF_8));
                } catch (IOException gone) {
                    throw new UncheckedIOException(gone);
                }
            });
            Path file = folder.resolve("support.zip");

            assertThatThrownBy(() ->
                            client.call("GET", "/v1/system/support-bundle").sendTo(file))
                    .hasMessageContaining("broke off after 300 bytes")
                    .hasMessageNotContaining("Is the gateway running");
        }
    }

    private static String refusal(Runnable reading) {
        try {
            reading.run();
        } catch (CommandFailure refused) {
            return refused.text();
        }
        return "taken";
    }

    /** What touches the disk. */
    @FunctionalInterface
    private interface Step {
        Object take() throws IOException;
    }

    private static IOException failure(Step step) {
        try {
            step.take();
        } catch (IOException failed) {
            return failed;
        }
        throw new AssertionError("it did not fail");
    }
}
