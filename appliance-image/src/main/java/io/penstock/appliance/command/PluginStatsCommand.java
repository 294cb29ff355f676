package io.penstock.appliance.command;

import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** {@code penstock plugin stats}. */
@Command(
        name = "stats",
        description = {
            "Show what each hook of the loaded versions costs, in microseconds, since it was loaded.",
            "CPU is time inside the hook; LATER inside pieces of script that it left to run later, such as what follows an await;",
            "WAIT from the call of a hook to the settlement of its promise, in which other requests go on."
        })
final class PluginStatsCommand extends GatewayCommand {
    @Parameters(paramLabel = "NAME", arity = "0..1", description = "Only this plugin.")
    private Optional<String> name = Optional.empty();

    @Override
    int run(ApiClient client) {
        name.ifPresent(PluginCommand::named);
        ObjectNode shown = JsonNodeFactory.instance.objectNode();
        for (JsonNode version : client.get("/v1/stats").path("plugins")) {
            if (name.filter(only -> !only.equals(version.path("plugin").asString("")))
                    .isEmpty()) {
                shown.withArray("items").add(version);
            }
        }
        if (isJson()) {
            print(shown);
            return ExitCode.OK;
        }
        TextTable table = TextTable.of(
                "PLUGIN", "HOOK", "CALLS", "FAULTS", "CPU P50", "P90", "P99", "MAX", "LATER", "P50", "P90", "P99",
                "MAX", "WAITS", "P50", "P90", "P99", "MAX");
        for (JsonNode version : shown.path("items")) {
            String id = version.path("plugin").asString("") + "@"
                    + version.path("version").asString("");
            for (JsonNode hook : version.path("hooks")) {
                table.row(
                        id,
                        hook.path("hook").asString(""),
                        hook.path("calls").asLong(0),
                        hook.path("faults").asLong(0),
                        time(hook, "calls", "cpuP50Us"),
                        time(hook, "calls", "cpuP90Us"),
                        time(hook, "calls", "cpuP99Us"),
                        time(hook, "calls", "cpuMaxUs"),
                        hook.path("laterRuns").asLong(0),
                        time(hook, "laterRuns", "laterP50Us"),
                        time(hook, "laterRuns", "laterP90Us"),
                        time(hook, "laterRuns", "laterP99Us"),
                        time(hook, "laterRuns", "laterMaxUs"),
                        hook.path("waits").asLong(0),
                        time(hook, "waits", "waitP50Us"),
                        time(hook, "waits", "waitP90Us"),
                        time(hook, "waits", "waitP99Us"),
                        time(hook, "waits", "waitMaxUs"));
            }
        }
        print(table);
        return ExitCode.OK;
    }

    // No time where nothing was counted.
    private static String time(JsonNode hook, String count, String member) {
        return hook.path(count).asLong(0) == 0
                ? "-"
                : Long.toString(hook.path(member).asLong(0));
    }
}
