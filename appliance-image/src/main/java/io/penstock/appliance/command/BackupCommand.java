package io.penstock.appliance.command;

import io.penstock.admin.backup.BackupRefused;
import io.penstock.admin.backup.Restore;
import io.penstock.admin.store.DataFolder;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.json.JsonMapper;

/** {@code penstock backup}. */
@Command(
        name = "backup",
        description = {
            "Write everything that a running gateway has to remember into one file.",
            "That is the configuration with its history, tokens, the audit log, all keys, the counts of quotas, what plugins keep. It is sealed by a passphrase (AES-256-GCM), without",
            "which nobody can read it, you included. Needs a token that may make tokens."
        },
        footerHeading = "%nExamples:%n",
        footer = {"  penstock backup --passphrase-file backup.pass gateway.backup"})
final class BackupCommand extends GatewayCommand {
    @Parameters(paramLabel = "FILE", description = "Where to; an older one is replaced once the new one is whole.")
    private Path file = Path.of("");

    @Option(
            names = "--passphrase-file",
            paramLabel = "FILE",
            description = "Its first line is the passphrase, of 12 characters or more. Without it you are asked.")
    private Optional<Path> passphraseFile = Optional.empty();

    @Override
    int run(ApiClient client) {
        char[] passphrase = Passphrase.read(passphraseFile, true);
        Path target = file.toAbsolutePath();
        Path draft = target.resolveSibling(target.getFileName() + ".new");
        try {
            Files.deleteIfExists(draft);
            DataFolder.makeOwnerFile(draft);
            ApiAnswer answer = client.call("POST", "/v1/system/backup")
                    .header("Accept", "application/octet-stream, application/problem+json")
                    .json(JsonMapper.shared().createObjectNode().put("passphrase", new String(passphrase)))
                    .sendTo(draft);
            // Read back from the file, to its end: a backup that does not open is none.
            try (InputStream in = new BufferedInputStream(Files.newInputStream(draft))) {
                Restore.check(in, passphrase);
            }
            try (FileChannel channel = FileChannel.open(draft, StandardOpenOption.WRITE)) {
                channel.force(true);
            }
            Files.move(draft, target, StandardCopyOption.ATOMIC_MOVE);
            say("revision " + answer.header("Config-Revision").orElse("?") + " and all before it written to " + file
                    + ", " + Files.size(target) + " bytes, read back and found whole");
            return ExitCode.OK;
        } catch (BackupRefused broken) {
            throw new CommandFailure(ExitCode.FAILED, "what came is no whole backup: " + broken.getMessage());
        } catch (IOException failed) {
            throw FileTrouble.unwritten(file, failed);
        } finally {
            deleteQuietly(draft);
        }
    }

    static void deleteQuietly(Path draft) {
        try {
            Files.deleteIfExists(draft);
        } catch (IOException stays) {
            // The command has said already what is wrong with this place.
            return;
        }
    }
}
