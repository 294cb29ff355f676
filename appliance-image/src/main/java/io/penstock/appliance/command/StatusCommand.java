package io.penstock.appliance.command;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** {@code penstock status}. */
@Command(
        name = "status",
        description =
                "Say how the gateway stands: revision, workers, listeners, latencies; drains, quarantines and the store where there is something to say.")
final class StatusCommand extends GatewayCommand {
    @Override
    int run(ApiClient client) {
        JsonNode node = client.get("/v1/node");
        JsonNode latency = client.get("/v1/stats/latency");
        JsonNode overrides = client.get("/v1/overrides").path("items");
        if (isJson()) {
            ObjectNode both = JsonNodeFactory.instance.objectNode();
            both.set("node", node);
            both.set("latency", latency.path("items"));
            both.set("overrides", overrides);
            print(both);
        } else {
            show(client, node, latency, overrides);
        }
        return node.path("engine").path("ready").asBoolean(false) ? ExitCode.OK : ExitCode.FAILED;
    }

    private void show(ApiClient client, JsonNode node, JsonNode latency, JsonNode overrides) {
        JsonNode engine = node.path("engine");
        say("penstock " + engine.path("version").asString("") + " at " + client.base() + ": "
                + engine.path("phase").asString("")
                + (engine.path("ready").asBoolean(false) ? ", ready" : ", NOT READY"));
        say("up " + time(node.path("uptimeSeconds").asLong(0)) + ", transport "
                + engine.path("transport").asString("") + ", "
                + engine.path("cores").asString("") + ", Java "
                + node.path("java").asString(""));
        JsonNode config = node.path("config");
        List<String> counts = new ArrayList<>();
        config.properties().forEach(entry -> {
            if (entry.getValue().isIntegralNumber() && !entry.getKey().equals("revision")) {
                counts.add(entry.getValue().asLong(0) + " " + entry.getKey());
            }
        });
        say("revision " + config.path("revision").asLong(0) + ": " + String.join(", ", counts));
        if (config.path("confirmBy").isString()) {
            say("ON TRIAL: taken back at " + config.path("confirmBy").stringValue() + " unless: penstock confirm");
        }
        JsonNode store = node.path("store");
        if (!store.path("healthy").asBoolean(true)) {
            say("STORE: "
                    + store.path("problem").asString(store.path("exportProblem").asString("not healthy")));
        }
        overrides.forEach(override -> say(overrideText(override)));
        absent(engine);
        say("");
        TextTable workers = TextTable.of("WORKER", "REVISION", "CONNECTIONS", "UNDER WAY");
        for (JsonNode worker : engine.path("workers")) {
            workers.row(
                    worker.path("index").asInt(0),
                    worker.path("revision").asLong(0),
                    worker.path("connections").asLong(0),
                    worker.path("activeRequests").asLong(0));
        }
        print(workers);
        say("");
        TextTable listeners = TextTable.of("LISTENER", "ADDRESS");
        engine.path("listeners")
                .forEach(each -> listeners.row(
                        each.path("name").asString(""), each.path("address").asString("")));
        print(listeners);
        say("");
        TextTable latencies = TextTable.of("LATENCY", "COUNT", "MEAN us", "P50", "P90", "P99", "P99.9", "MAX");
        for (JsonNode each : latency.path("items")) {
            latencies.row(
                    each.path("name").asString(""),
                    each.path("count").asLong(0),
                    each.path("meanUs").asLong(0),
                    each.path("p50Us").asLong(0),
                    each.path("p90Us").asLong(0),
                    each.path("p99Us").asLong(0),
                    each.path("p999Us").asLong(0),
                    each.path("maxUs").asLong(0));
        }
        print(latencies);
    }

    private static String overrideText(JsonNode override) {
        if (override.path("kind").asString("").equals("quarantine")) {
            String id = override.path("plugin").asString("") + "@"
                    + override.path("version").asString("");
            return "IN QUARANTINE since " + override.path("since").asString("") + ": plugin " + id + ", "
                    + override.path("reason").asString("") + "; penstock plugin release " + id + " ends it";
        }
        return "DRAINED until " + override.path("until").asString("") + ": "
                + override.path("resource").asString("") + " by "
                + override.path("actor").asString("")
                + (override.path("note").isString()
                        ? " (" + override.path("note").stringValue() + ")"
                        : "");
    }

    private void absent(JsonNode engine) {
        List<String> features = new ArrayList<>();
        engine.path("absentFeatures").forEach(each -> features.add(each.asString("")));
        if (!features.isEmpty()) {
            say("not in this version: " + String.join(", ", features));
        }
    }

    private static String time(long seconds) {
        Duration up = Duration.ofSeconds(seconds);
        return up.toDays() > 0
                ? up.toDays() + " d " + up.toHoursPart() + " h"
                : up.toHours() > 0
                        ? up.toHours() + " h " + up.toMinutesPart() + " min"
                        : up.toMinutes() > 0 ? up.toMinutes() + " min " + up.toSecondsPart() + " s" : seconds + " s";
    }
}
