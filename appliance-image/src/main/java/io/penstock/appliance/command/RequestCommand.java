package io.penstock.appliance.command;

import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/** {@code penstock request}. */
@Command(
        name = "request",
        description = "Say how a recent request was decided, by its X-Request-Id; or list recent requests.",
        footerHeading = "%nExamples:%n",
        footer = {"  penstock request 01JD3X6Q0V8T5M2N7K4R9WYZAB", "  penstock request --failed"})
final class RequestCommand extends GatewayCommand {
    @Parameters(paramLabel = "ID", arity = "0..1", description = "The request's id.")
    private Optional<String> id = Optional.empty();

    @Option(names = "--failed", description = "List only what was refused or broken.")
    private boolean isFailedOnly;

    @Option(names = "--limit", paramLabel = "N", description = "How many to list. Default: ${DEFAULT-VALUE}.")
    private int limit = 20;

    @Override
    int run(ApiClient client) {
        if (id.isPresent()) {
            if (!id.get().matches("[A-Za-z0-9._-]{1,128}")) {
                throw new CommandFailure(ExitCode.USAGE, "\"" + id.get() + "\" is no request id");
            }
            return one(client.get("/v1/requests/" + id.get()));
        }
        JsonNode page = client.call("GET", "/v1/requests")
                .flag("failed", isFailedOnly)
                .query("limit", Integer.toString(limit))
                .send()
                .json();
        if (isJson()) {
            print(page);
            return ExitCode.OK;
        }
        TextTable table = TextTable.of("ID", "STATUS", "REASON", "METHOD", "HOST", "PATH", "ROUTE", "MS");
        for (JsonNode item : page.path("items")) {
            table.row(
                    item.path("requestId").asString(""),
                    item.path("status").asInt(0),
                    item.path("reason").asString("-"),
                    item.path("method").asString(""),
                    item.path("host").asString(""),
                    item.path("path").asString(""),
                    item.path("route").asString(""),
                    String.format("%.2f", item.path("durationUs").asLong(0) / 1000.0));
        }
        print(table);
        return ExitCode.OK;
    }

    private int one(JsonNode found) {
        if (isJson()) {
            print(found);
            return ExitCode.OK;
        }
        RequestText.of(found).forEach(this::say);
        return ExitCode.OK;
    }
}
