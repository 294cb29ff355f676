package io.penstock.appliance.command;

import io.penstock.admin.backup.BackupHeader;
import io.penstock.admin.backup.BackupRefused;
import io.penstock.admin.backup.Restore;
import io.penstock.admin.store.DataFolder;
import io.penstock.admin.store.DataFolderRefused;
import io.penstock.plugin.kv.SharedStore;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code penstock restore}: a backup in the place of what a data folder holds. */
@Command(
        name = "restore",
        description = {
            "Lay a backup in a data folder, whose gateway is stopped.",
            "It is read, checked and opened first; if anything is wrong with it, the folder stays as it is. All of it comes into place or nothing, also if this is killed:",
            "the next start of the gateway finishes it."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  penstock restore --data /var/lib/penstock --passphrase-file backup.pass gateway.backup",
            "  penstock restore --data /var/lib/penstock --replace gateway.backup"
        })
final class RestoreCommand implements Callable<Integer> {
    @Option(names = "--data", paramLabel = "DIR", required = true, description = "The data folder; made if absent.")
    private Path data = Path.of("");

    @Option(
            names = "--passphrase-file",
            paramLabel = "FILE",
            description = "Its first line is the passphrase of the backup. Without it you are asked.")
    private Optional<Path> passphraseFile = Optional.empty();

    @Option(
            names = "--replace",
            description = "Do it although the folder holds a configuration, tokens and keys, which are lost by it.")
    private boolean isReplacing;

    @Parameters(paramLabel = "FILE", description = "What penstock backup has written.")
    private Path file = Path.of("");

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli before call()
    private CommandSpec spec;

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        boolean isNew = Files.notExists(data);
        boolean isDone = false;
        try (DataFolder folder = heldByItsOwner()) {
            if (Restore.finish(folder)) {
                out.println("an earlier restore that was broken off is finished first");
            }
            if (Restore.hasState(folder) && !isReplacing) {
                throw new CommandFailure(
                        ExitCode.FAILED,
                        data + " holds a gateway's state already. Give --replace if it may be lost, or name another"
                                + " folder.");
            }
            char[] passphrase = Passphrase.read(passphraseFile, false);
            try (InputStream in = FileTrouble.opened("backup ", file)) {
                BackupHeader header = Restore.restore(
                        folder, in, passphrase, SharedStore::imageFault, Clock.systemUTC(), new SecureRandom());
                out.println("restored into " + data + ": revision " + header.revision() + ", backed up " + header.time()
                        + " by version " + header.madeBy());
                out.flush();
                isDone = true;
                return ExitCode.OK;
            }
        } catch (DataFolderRefused held) {
            throw new CommandFailure(
                    held.getCause() == null ? ExitCode.FOLDER_IN_USE : ExitCode.FAILED,
                    String.valueOf(held.getMessage()));
        } catch (BackupRefused refused) {
            throw new CommandFailure(
                    ExitCode.FAILED, file + ": " + refused.getMessage() + " Nothing in " + data + " has changed.");
        } catch (IOException failed) {
            throw new CommandFailure(
                    ExitCode.FAILED,
                    "not restored: " + FileTrouble.reason(failed)
                            + ". The folder is as before, or, if the last step had begun, the next"
                            + " start of the gateway or of this command finishes it.");
        } finally {
            if (isNew && !isDone) {
                leaveNothing(data);
            }
        }
    }

    // What was made for nothing: a folder that is there would be taken for a gateway's. With anything else in it, it
    // stays.
    private static void leaveNothing(Path folder) {
        try (Stream<Path> entries = Files.list(folder)) {
            if (entries.allMatch(entry -> entry.endsWith(DataFolder.LOCK_FILE))) {
                Files.deleteIfExists(folder.resolve(DataFolder.LOCK_FILE));
                Files.delete(folder);
            }
        } catch (IOException stays) {
            // The command has said already what is wrong with this place.
            return;
        }
    }

    private DataFolder heldByItsOwner() throws IOException, DataFolderRefused {
        FolderOwner.require(data);
        return DataFolder.hold(data);
    }
}
