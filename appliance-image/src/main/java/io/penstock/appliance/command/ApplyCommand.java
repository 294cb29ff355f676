package io.penstock.appliance.command;

import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;

/** {@code penstock apply}. */
@Command(
        name = "apply",
        description = "Lay a document over the configuration: one revision, or none if nothing differs.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  penstock apply shop.yaml --note 'open the shop'",
            "  penstock apply base.yaml prod.yaml --prune",
            "  penstock apply risky.yaml --confirm-within 120s     then: penstock confirm"
        })
final class ApplyCommand extends GatewayCommand {
    @Mixin
    private final DocumentFiles files = new DocumentFiles();

    @Mixin
    private final ApplyScope scope = new ApplyScope();

    @Option(names = "--dry-run", description = "Check and compile it aside, and say what would change.")
    private boolean isDryRun;

    @Option(
            names = "--confirm-within",
            paramLabel = "TIME",
            description = "Take the change back by itself unless \"penstock confirm\" comes in time, 1s to 1h.")
    private Optional<String> confirmWithin = Optional.empty();

    @Option(
            names = {"-m", "--note"},
            paramLabel = "TEXT",
            description = "Why, for the revision and the audit log.")
    private Optional<String> note = Optional.empty();

    @Override
    int run(ApiClient client) {
        SentDocument document = files.read();
        if (!isDryRun) {
            document.storePlugins(client, note, isJson() ? line -> {} : this::say);
        }
        ApiClient.Call call = client.call("POST", "/v1/config:apply")
                .json(document.json())
                .note(note)
                .flag("dry_run", isDryRun);
        confirmWithin.ifPresent(within -> call.query("confirm_within", within));
        scope.addTo(call);
        ApiAnswer answer = call.exchange();
        if (!answer.isGood()) {
            throw document.refused(answer, client.hasToken());
        }
        if (isJson()) {
            print(answer.json());
        } else {
            ChangeReport.print(answer.json(), this);
        }
        return ExitCode.OK;
    }

    /** What a write answered, in the words of the command. */
    static final class ChangeReport {
        private ChangeReport() {}

        static void print(JsonNode body, GatewayCommand command) {
            JsonNode changes = body.path("changes");
            ChangesText.of(changes).forEach(command::say);
            ChangesText.warnings(body.path("warnings")).forEach(command::say);
            if (body.path("dryRun").asBoolean(false)) {
                command.say(
                        changes.isEmpty()
                                ? "nothing would change"
                                : ChangesText.summary(changes) + ": would be revision "
                                        + body.path("wouldBeRevision").asLong(0));
                return;
            }
            long revision = body.path("revision").asLong(0);
            if (changes.isEmpty()) {
                command.say("nothing differs from revision " + revision + "; no revision was made");
                return;
            }
            int pending = body.path("pendingWorkers").asInt(0);
            command.say(ChangesText.summary(changes) + ": revision " + revision
                    + (pending == 0
                            ? ", served by every worker"
                            : " is stored, and " + pending + " workers do not serve it yet"));
            if (body.path("confirmBy").isString()) {
                command.say("It is taken back at " + body.path("confirmBy").stringValue()
                        + " unless you run: penstock confirm");
            }
        }
    }
}
