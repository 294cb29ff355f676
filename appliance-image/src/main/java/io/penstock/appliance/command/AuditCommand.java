package io.penstock.appliance.command;

import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;

/** {@code penstock audit}. */
@Command(
        name = "audit",
        description = "Say who did or tried what, newest first; or check that nobody touched the log.",
        footerHeading = "%nExamples:%n",
        footer = {"  penstock audit --actor token:deploy", "  penstock audit --verify"})
final class AuditCommand extends GatewayCommand {
    @Option(names = "--actor", paramLabel = "NAME", description = "Only what this actor did, e.g. token:deploy.")
    private Optional<String> actor = Optional.empty();

    @Option(names = "--revision", paramLabel = "N", description = "Only the lines of this revision.")
    private Optional<Long> revision = Optional.empty();

    @Option(names = "--limit", paramLabel = "N", description = "How many, at most 1000. Default: ${DEFAULT-VALUE}.")
    private int limit = 20;

    @Option(names = "--verify", description = "Recompute the hash chains of the log and of the revisions.")
    private boolean isVerifying;

    @Override
    int run(ApiClient client) {
        if (isVerifying) {
            return verify(client);
        }
        ApiClient.Call call = client.call("GET", "/v1/audit").query("limit", Integer.toString(limit));
        actor.ifPresent(name -> call.query("actor", name));
        revision.ifPresent(number -> call.query("revision", Long.toString(number)));
        JsonNode page = call.send().json();
        if (isJson()) {
            print(page);
            return ExitCode.OK;
        }
        TextTable table = TextTable.of("WHEN", "WHO", "FROM", "WHAT", "TARGET", "OUTCOME", "REVISION", "NOTE");
        for (JsonNode line : page.path("items")) {
            table.row(
                    line.path("timestamp").asString(""),
                    line.path("actor").asString(""),
                    line.path("source").asString("-"),
                    line.path("action").asString(""),
                    line.path("target").asString(""),
                    line.path("outcome").asString(""),
                    line.path("revision").isIntegralNumber()
                            ? line.path("revision").asLong(0)
                            : "-",
                    line.path("note").asString(""));
        }
        print(table);
        return ExitCode.OK;
    }

    private int verify(ApiClient client) {
        JsonNode verdicts = client.call("POST", "/v1/audit:verify").send().json();
        boolean isSound = true;
        for (String chain : new String[] {"audit", "revisions"}) {
            isSound &= verdicts.path(chain).path("sound").asBoolean(false);
            if (!isJson()) {
                say(chain + ": "
                        + (verdicts.path(chain).path("sound").asBoolean(false)
                                ? "sound"
                                : "BROKEN " + verdicts.path(chain)));
            }
        }
        if (isJson()) {
            print(verdicts);
        }
        return isSound ? ExitCode.OK : ExitCode.FAILED;
    }
}
