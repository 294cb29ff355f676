package io.penstock.appliance.command;

import java.io.FileNotFoundException;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/** {@code penstock system upgrade}. */
@Command(
        name = "upgrade",
        description = {
            "Send a bundle to the appliance, which checks its signature and writes it into the slot that does not run.",
            "The next boot starts it; if it does not come to serve, the machine goes back by itself."
        },
        footerHeading = "%nExamples:%n",
        footer = {"  penstock system upgrade penstock-1.3.0.raucb --reboot"})
final class SystemUpgradeCommand extends GatewayCommand {
    private static final String PATH = "/v1/system/upgrade";
    private static final Set<String> UNDER_WAY = Set.of("waiting", "checking", "rehearsing", "installing");
    private static final long POLL_NS = TimeUnit.MILLISECONDS.toNanos(500);

    /** Writing half a GiB to a slow disk takes minutes, not hours. */
    private static final long WAIT_NS_MAX = TimeUnit.MINUTES.toNanos(30);

    @Parameters(paramLabel = "FILE", description = "The bundle: penstock-V.raucb.")
    private Path file = Path.of("");

    @Option(names = "--reboot", description = "Boot into it at once, when all of it was written.")
    private boolean isReboot;

    @Option(names = "--allow-downgrade", description = "Take an older version too.")
    private boolean allowsDowngrade;

    @Option(
            names = "--allow-differences",
            description =
                    "Go on where the new version would treat recorded requests otherwise, or not serve the configuration.")
    private boolean allowsDifferences;

    @Mixin
    private final RevisionNote note = new RevisionNote();

    @Override
    int run(ApiClient client) {
        JsonNode state = send(client);
        long begunNs = System.nanoTime();
        String told = "";
        while (UNDER_WAY.contains(word(state))) {
            String step = word(state) + " "
                    + state.at("/upgrade/percent").asString("") + " "
                    + state.at("/upgrade/step").asString("");
            if (!step.equals(told) && !isJson()) {
                told = step;
                say(step.strip());
                out().flush();
            }
            if (System.nanoTime() - begunNs > WAIT_NS_MAX) {
                throw new CommandFailure(ExitCode.FAILED, "it still goes on; GET " + PATH + " tells how far it is");
            }
            LockSupport.parkNanos(POLL_NS);
            state = client.get(PATH);
        }
        if (isJson()) {
            print(state);
        } else if (word(state).equals("installed")) {
            rehearsed(state.at("/upgrade/rehearsal"));
            say("version " + state.at("/upgrade/wantedVersion").asString("") + " is installed; "
                    + (isReboot ? "it boots now" : "the next boot starts it"));
        } else {
            rehearsed(state.at("/upgrade/rehearsal"));
            say(word(state) + ": " + state.at("/upgrade/why").asString(""));
        }
        return word(state).equals("installed") ? ExitCode.OK : ExitCode.FAILED;
    }

    // A version that knows of no rehearsals tells of none.
    private void rehearsed(JsonNode report) {
        switch (report.path("outcome").asString("")) {
            case "" -> {}
            case "skipped", "refused" ->
                say("rehearsal " + report.path("outcome").asString("") + ": "
                        + report.path("detail").asString(""));
            default -> {
                say("rehearsed: " + report.path("heads").asString("0") + " heads, "
                        + report.path("differing").asString("0") + " different");
                report.path("differences")
                        .forEach(kind -> say("  " + kind.path("heads").asString("") + " x  "
                                + kind.path("what").asString("") + ", as "
                                + kind.path("example").asString("")));
            }
        }
    }

    private JsonNode send(ApiClient client) {
        try {
            return client.call("POST", PATH)
                    .file("application/octet-stream", file)
                    .flag("reboot", isReboot)
                    .flag("allow_downgrade", allowsDowngrade)
                    .flag("allow_differences", allowsDifferences)
                    .note(note.text())
                    .send()
                    .json();
        } catch (FileNotFoundException absent) {
            throw new CommandFailure(ExitCode.USAGE, file + " does not exist, or may not be read");
        }
    }

    private static String word(JsonNode state) {
        return state.at("/upgrade/state").asString("none");
    }
}
