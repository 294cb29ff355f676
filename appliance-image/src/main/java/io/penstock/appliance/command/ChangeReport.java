package io.penstock.appliance.command;

import tools.jackson.databind.JsonNode;

/** What a write answered, in the words of the command. */
final class ChangeReport {
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
