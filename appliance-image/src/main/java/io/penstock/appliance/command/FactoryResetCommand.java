package io.penstock.appliance.command;

import io.penstock.admin.backup.FactoryReset;
import io.penstock.admin.store.DataFolder;
import io.penstock.admin.store.DataFolderRefused;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.Charset;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code penstock factory-reset}: a data folder as before its first start. */
@Command(
        name = "factory-reset",
        description = {
            "Remove everything in a data folder, whose gateway is stopped.",
            "Configuration with its history, tokens, the audit log, all keys, logs. The next start is the first one, with a setup token. Nothing brings it back but a backup."
        },
        footerHeading = "%nExamples:%n",
        footer = {"  penstock factory-reset --data /var/lib/penstock"})
final class FactoryResetCommand implements Callable<Integer> {
    private static final String WORD = "RESET";

    @Option(names = "--data", paramLabel = "DIR", required = true, description = "The data folder.")
    private Path data = Path.of("");

    @Option(
            names = "--confirm",
            paramLabel = WORD,
            description = "The word " + WORD + ", for scripts; without it you are asked to type it.")
    private Optional<String> confirmation = Optional.empty();

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli before call()
    private CommandSpec spec;

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        if (!FactoryReset.isDataFolder(data)) {
            throw new CommandFailure(
                    ExitCode.FAILED,
                    data + " holds nothing of a gateway; nothing was removed. Is it the right folder?");
        }
        try (DataFolder folder = heldByItsOwner()) {
            if (!confirmation.orElseGet(() -> typed(out, folder.path())).strip().equals(WORD)) {
                throw new CommandFailure(ExitCode.FAILED, "the word was not " + WORD + "; nothing was removed");
            }
            int removed = FactoryReset.empty(folder);
            out.println(removed + " files and folders removed; " + data + " is as before the first start");
            out.flush();
            return ExitCode.OK;
        } catch (DataFolderRefused held) {
            throw new CommandFailure(
                    held.getCause() == null ? ExitCode.FOLDER_IN_USE : ExitCode.FAILED,
                    String.valueOf(held.getMessage()));
        } catch (IOException failed) {
            throw new CommandFailure(
                    ExitCode.FAILED, "not all could be removed: " + failed + ". Run this again once it can be.");
        }
    }

    private DataFolder heldByItsOwner() throws IOException, DataFolderRefused {
        FolderOwner.require(data);
        return DataFolder.hold(data);
    }

    private static String typed(PrintWriter out, Path folder) {
        out.println("This removes everything in " + folder + ", keys and logs included. Type " + WORD + " to do it:");
        out.flush();
        try {
            String line = new BufferedReader(new InputStreamReader(System.in, Charset.defaultCharset())).readLine();
            return line == null ? "" : line;
        } catch (IOException unheard) {
            return "";
        }
    }
}
