package io.penstock.appliance.command;

import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.node.JsonNodeFactory;

/** {@code penstock confirm}. */
@Command(
        name = "confirm",
        description = "Keep the revision that was applied with --confirm-within, before it is taken back.")
final class ConfirmCommand extends GatewayCommand {
    @Parameters(
            paramLabel = "REVISION",
            arity = "0..1",
            description = "Which one is meant; whichever is on trial if it is not said.")
    private Optional<Long> revision = Optional.empty();

    @Option(
            names = {"-m", "--note"},
            paramLabel = "TEXT",
            description = "Why, for the audit log.")
    private Optional<String> note = Optional.empty();

    @Override
    int run(ApiClient client) {
        var body = JsonNodeFactory.instance.objectNode();
        revision.ifPresent(number -> body.put("revision", number));
        ApiAnswer answer =
                client.call("POST", "/v1/config:confirm").json(body).note(note).send();
        if (isJson()) {
            print(answer.json());
        } else {
            say("revision " + answer.json().path("revision").asLong(0) + " stays");
        }
        return ExitCode.OK;
    }
}
