package io.penstock.appliance.command;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;

/** {@code penstock heads}. */
@Command(
        name = "heads",
        description = {
            "List heads of recent requests, some of each route, and what would become of each now. What could be a credential is ***.",
            "With --output json it is what penstock rehearse compares another version with."
        },
        footerHeading = "%nExamples:%n",
        footer = {"  penstock heads", "  penstock heads --limit 1000 --output json > heads.json"})
final class HeadsCommand extends GatewayCommand {
    @Option(names = "--limit", paramLabel = "N", description = "How many at most. Default: ${DEFAULT-VALUE}.")
    private int limit = 1000;

    @Override
    int run(ApiClient client) {
        JsonNode found = client.call("GET", "/v1/requests/heads")
                .query("limit", Integer.toString(limit))
                .send()
                .json();
        if (isJson()) {
            print(found);
            return ExitCode.OK;
        }
        TextTable table = TextTable.of("AT", "METHOD", "URL", "ROUTE", "REASON");
        for (JsonNode item : found.path("items")) {
            table.row(
                    item.path("at").asString(""),
                    item.path("method").asString(""),
                    item.path("url").asString(""),
                    item.path("decision").path("route").asString("-"),
                    item.path("decision").path("reason").asString("-"));
        }
        print(table);
        return ExitCode.OK;
    }
}
