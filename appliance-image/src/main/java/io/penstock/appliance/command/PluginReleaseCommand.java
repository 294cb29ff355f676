package io.penstock.appliance.command;

import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code penstock plugin release}. */
@Command(
        name = "release",
        description = {
            "End the quarantine of a version: it is called again, and its strikes are forgotten.",
            "What brought it there is not mended by that; see \"penstock plugin rollback\"."
        })
final class PluginReleaseCommand extends GatewayCommand {
    @Parameters(paramLabel = "NAME@VERSION", description = "The version.")
    private String plugin = "";

    @Override
    int run(ApiClient client) {
        int at = plugin.indexOf('@');
        if (at < 1) {
            throw new CommandFailure(ExitCode.USAGE, "\"" + plugin + "\" is not NAME@VERSION");
        }
        ApiAnswer answer = client.call(
                        "POST",
                        "/v1/plugins/" + PluginCommand.named(plugin.substring(0, at)) + "/versions/"
                                + plugin.substring(at + 1) + ":release")
                .send();
        if (isJson()) {
            print(answer.json());
        } else {
            say("plugin " + plugin + " is " + answer.json().path("state").asString("released"));
        }
        return ExitCode.OK;
    }
}
