package io.penstock.appliance.command;

import io.penstock.admin.store.DataFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code penstock support-bundle}. */
@Command(
        name = "support-bundle",
        description = {
            "Write a zip file for who is to find out what is wrong with a gateway.",
            "In it are configuration, state, metrics, threads, logs, facts of the system. It holds no secrets, but names, addresses and paths."
        },
        footerHeading = "%nExamples:%n",
        footer = {"  penstock support-bundle support.zip"})
final class SupportBundleCommand extends GatewayCommand {
    @Parameters(paramLabel = "FILE", description = "Where to.")
    private Path file = Path.of("");

    @Override
    int run(ApiClient client) {
        Path target = file.toAbsolutePath();
        Path draft = target.resolveSibling(target.getFileName() + ".new");
        try {
            Files.deleteIfExists(draft);
            DataFolder.makeOwnerFile(draft);
            client.call("GET", "/v1/system/support-bundle")
                    .header("Accept", "application/zip, application/problem+json")
                    .sendTo(draft);
            Files.move(draft, target, StandardCopyOption.ATOMIC_MOVE);
            say(Files.size(target) + " bytes written to " + file + ". Read its README.txt before you give it away.");
            return ExitCode.OK;
        } catch (IOException failed) {
            throw FileTrouble.unwritten(file, failed);
        } finally {
            BackupCommand.deleteQuietly(draft);
        }
    }
}
