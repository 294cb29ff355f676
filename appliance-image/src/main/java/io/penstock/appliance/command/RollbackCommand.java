package io.penstock.appliance.command;

import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/** {@code penstock rollback}. */
@Command(
        name = "rollback",
        description = {
            "Bring back everything as it was in a revision, as a new revision.",
            "Without a number: as it was before the newest one."
        },
        footerHeading = "%nExamples:%n",
        footer = {"  penstock rollback", "  penstock rollback 41 --note 'the new limit was too low'"})
final class RollbackCommand extends GatewayCommand {
    @Parameters(paramLabel = "REVISION", arity = "0..1", description = "The revision that was good.")
    private Optional<Long> revision = Optional.empty();

    @Option(names = "--dry-run", description = "Say what would change.")
    private boolean isDryRun;

    @Mixin
    private final RevisionNote note = new RevisionNote();

    @Override
    int run(ApiClient client) {
        long wanted = revision.orElseGet(() -> before(client));
        ApiAnswer answer = client.call("POST", "/v1/config/revisions/" + wanted + ":rollback")
                .flag("dry_run", isDryRun)
                .note(note.text())
                .exchange();
        if (!answer.isGood()) {
            CommandFailure refused = ApiProblemText.failure(answer, client.hasToken());
            throw answer.status() == 404
                    ? new CommandFailure(
                            refused.exitCode(),
                            refused.text() + newest(client) + "\n  penstock revisions lists those that there are")
                    : refused;
        }
        if (isJson()) {
            print(answer.json());
        } else {
            say("back to revision " + wanted + ":");
            ChangeReport.print(answer.json(), this);
        }
        return ExitCode.OK;
    }

    /** The number that was meant is near it; nothing if the API does not tell, since what is wrong is known already. */
    private static String newest(ApiClient client) {
        ApiAnswer answer =
                client.call("GET", "/v1/config/revisions").query("limit", "1").exchange();
        long number = answer.isGood()
                ? answer.json().path("items").path(0).path("number").asLong(0)
                : 0;
        return number == 0 ? "" : "\n  the newest one is " + number;
    }

    private static long before(ApiClient client) {
        JsonNode items = client.call("GET", "/v1/config/revisions")
                .query("limit", "2")
                .send()
                .json()
                .path("items");
        if (items.size() < 2) {
            throw new CommandFailure(ExitCode.FAILED, "There is no revision before the newest one to go back to.");
        }
        return items.get(1).path("number").asLong(0);
    }
}
