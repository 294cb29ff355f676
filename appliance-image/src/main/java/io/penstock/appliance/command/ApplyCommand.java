package io.penstock.appliance.command;

import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

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

    @Mixin
    private final RevisionNote note = new RevisionNote();

    @Override
    int run(ApiClient client) {
        SentDocument document = files.read();
        if (!isDryRun) {
            document.storePlugins(client, note.text(), isJson() ? line -> {} : this::say);
        }
        ApiClient.Call call = client.call("POST", "/v1/config:apply")
                .json(document.json())
                .note(note.text())
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
}
