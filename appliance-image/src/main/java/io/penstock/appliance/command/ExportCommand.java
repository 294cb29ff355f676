package io.penstock.appliance.command;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code penstock export}. */
@Command(
        name = "export",
        description = {
            "Write the whole configuration as one document, YAML by default.",
            "Applying what was exported changes nothing."
        },
        footerHeading = "%nExamples:%n",
        footer = {"  penstock export > all.yaml", "  penstock export --full -o json --file all.json"})
final class ExportCommand extends GatewayCommand {
    @Option(names = "--full", description = "With every member, also those that only hold their default.")
    private boolean isFull;

    @Option(names = "--file", paramLabel = "FILE", description = "Write it here and not to standard output.")
    private Optional<Path> file = Optional.empty();

    @Override
    int run(ApiClient client) {
        ApiAnswer answer = client.call("GET", "/v1/config")
                .header("Accept", isJson() ? "application/json" : "application/yaml")
                .query("view", isFull ? "full" : "brief")
                .send();
        if (file.isEmpty()) {
            out().print(answer.text());
            if (isJson()) {
                out().println();
            }
            return ExitCode.OK;
        }
        try {
            Files.write(file.get(), answer.bytes());
        } catch (IOException failed) {
            throw FileTrouble.unwritten(file.get(), failed);
        }
        err().println("revision " + answer.header("Config-Revision").orElse("?") + " written to " + file.get());
        return ExitCode.OK;
    }
}
