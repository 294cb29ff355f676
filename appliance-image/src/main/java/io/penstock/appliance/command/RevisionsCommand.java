package io.penstock.appliance.command;

import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/** {@code penstock revisions}. */
@Command(
        name = "revisions",
        description = "List the revisions of the configuration, newest first; or say what one of them changed.",
        footerHeading = "%nExamples:%n",
        footer = {"  penstock revisions", "  penstock revisions 41"})
final class RevisionsCommand extends GatewayCommand {
    @Parameters(paramLabel = "REVISION", arity = "0..1", description = "Show what this one changed.")
    private Optional<Long> revision = Optional.empty();

    @Option(names = "--limit", paramLabel = "N", description = "How many, at most 1000. Default: ${DEFAULT-VALUE}.")
    private int limit = 20;

    @Override
    int run(ApiClient client) {
        if (revision.isPresent()) {
            return one(client.get("/v1/config/revisions/" + revision.get()));
        }
        JsonNode page = client.call("GET", "/v1/config/revisions")
                .query("limit", Integer.toString(limit))
                .send()
                .json();
        if (isJson()) {
            print(page);
            return ExitCode.OK;
        }
        TextTable table = TextTable.of("REVISION", "WHEN", "WHO", "HOW", "NOTE");
        for (JsonNode item : page.path("items")) {
            table.row(
                    item.path("number").asLong(0),
                    item.path("timestamp").asString(""),
                    item.path("actor").asString(""),
                    item.path("cause").asString(""),
                    item.path("note").asString(""));
        }
        print(table);
        return ExitCode.OK;
    }

    private int one(JsonNode found) {
        if (isJson()) {
            print(found);
            return ExitCode.OK;
        }
        say("revision " + found.path("number").asLong(0) + " of "
                + found.path("timestamp").asString("") + " by "
                + found.path("actor").asString("") + ", " + found.path("cause").asString(""));
        String note = found.path("note").asString("");
        if (!note.isEmpty()) {
            say(note);
        }
        ChangesText.of(found.path("changes")).forEach(this::say);
        return ExitCode.OK;
    }
}
