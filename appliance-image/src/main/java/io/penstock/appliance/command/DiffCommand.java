package io.penstock.appliance.command;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;

/** {@code penstock diff}. */
@Command(
        name = "diff",
        description = "Say what applying a document would change. Nothing is changed.",
        footerHeading = "%nExamples:%n",
        footer = {"  penstock diff shop.yaml", "  penstock diff shop.yaml --prune --exit-code || echo it differs"})
final class DiffCommand extends GatewayCommand {
    @Mixin
    private final DocumentFiles files = new DocumentFiles();

    @Mixin
    private final ApplyScope scope = new ApplyScope();

    @Option(names = "--replace", description = "As if the document were all there is: what it does not hold would go.")
    private boolean isReplacing;

    @Option(names = "--exit-code", description = "Exit with 1 if something differs.")
    private boolean saysByExitCode;

    @Override
    int run(ApiClient client) {
        SentDocument document = files.read();
        ApiClient.Call call =
                client.call("POST", "/v1/config:diff").json(document.json()).flag("replace", isReplacing);
        scope.addTo(call);
        ApiAnswer answer = call.exchange();
        if (!answer.isGood()) {
            throw document.refused(answer, client.hasToken());
        }
        JsonNode changes = answer.json().path("changes");
        if (isJson()) {
            print(answer.json());
        } else {
            ChangesText.of(changes).forEach(this::say);
            ChangesText.warnings(answer.json().path("warnings")).forEach(this::say);
            say(changes.isEmpty() ? "no difference" : ChangesText.summary(changes));
        }
        return saysByExitCode && !changes.isEmpty() ? ExitCode.FAILED : ExitCode.OK;
    }
}
