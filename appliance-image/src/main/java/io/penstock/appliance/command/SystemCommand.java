package io.penstock.appliance.command;

import io.penstock.admin.resource.JsonBounds;
import io.penstock.admin.resource.UnreadableTextException;
import io.penstock.admin.resource.YamlText;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/** {@code penstock system}. */
@Command(
        name = "system",
        description = "The appliance's own system: its settings and versions. Elsewhere they are the host's.",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            SystemCommand.ShowCommand.class,
            SystemCommand.SetCommand.class,
            SystemCommand.ConfirmCommand.class,
            SystemCommand.RevertCommand.class,
            SystemUpgradeCommand.class,
            SystemCommand.PreviousCommand.class
        })
final class SystemCommand extends GroupCommand {
    private static final String SETTINGS = "/v1/system/settings";

    /** {@code penstock system show}. */
    @Command(name = "show", description = "Show the settings as JSON, and a change that is on trial.")
    static final class ShowCommand extends GatewayCommand {
        @Override
        int run(ApiClient client) {
            print(client.get(SETTINGS));
            return ExitCode.OK;
        }
    }

    /** {@code penstock system set}. */
    @Command(
            name = "set",
            description = {
                "Change the settings. What the file says replaces what is there, member by member; null gives a member"
                        + " its",
                "default back. A change of network, dns or admin is taken back unless \"penstock system confirm\""
                        + " comes in time."
            },
            footerHeading = "%nExamples:%n",
            footer = {
                "  echo 'ntp: {servers: [ntp.example]}' | penstock system set -",
                "  penstock system set network.yaml --confirm-within 60s     then: penstock system confirm"
            })
    static final class SetCommand extends GatewayCommand {
        @Parameters(paramLabel = "FILE", description = "Settings in YAML or JSON; - is standard input.")
        private Path file = Path.of("");

        @Option(names = "--replace", description = "Whatever the file does not say gets its default.")
        private boolean isWhole;

        @Option(names = "--dry-run", description = "Check it, and say what would change.")
        private boolean isDryRun;

        @Option(
                names = "--confirm-within",
                paramLabel = "TIME",
                description = "How long a change may be on trial, 10s to 1h. 120s if unsaid.")
        private Optional<String> confirmWithin = Optional.empty();

        @Mixin
        private final RevisionNote note = new RevisionNote();

        @Override
        int run(ApiClient client) {
            String tag = client.call("GET", SETTINGS).send().header("ETag").orElse("*");
            ApiClient.Call call = client.call(isWhole ? "PUT" : "PATCH", SETTINGS)
                    .json(read())
                    .header("If-Match", tag)
                    .note(note.text())
                    .flag("dry_run", isDryRun);
            if (!isWhole) {
                call.header("Content-Type", "application/merge-patch+json");
            }
            confirmWithin.ifPresent(within -> call.query("confirm_within", within));
            ApiAnswer answer = call.send();
            JsonNode body = answer.json();
            if (isJson() || isDryRun) {
                print(body);
            } else if (body.path("pending").isObject()) {
                say("on trial until " + body.path("pending").path("confirmBy").asString("")
                        + "; penstock system confirm keeps it, over the network as it is then");
            } else {
                say(answer.header("ETag").orElse("").equals(tag) ? "nothing differs" : "the settings are changed");
            }
            return ExitCode.OK;
        }

        private JsonNode read() {
            boolean isStandardInput = file.toString().equals("-");
            try (InputStream in = isStandardInput ? System.in : Files.newInputStream(file)) {
                byte[] text = in.readNBytes(JsonBounds.RESOURCE.bytesMax());
                return YamlText.read(text, JsonBounds.RESOURCE);
            } catch (UnreadableTextException unreadable) {
                throw new CommandFailure(
                        ExitCode.FAILED, file + ": " + unreadable.fault().text());
            } catch (IOException failed) {
                throw FileTrouble.unread(isStandardInput ? "standard input" : file.toString(), failed);
            }
        }
    }

    /** {@code penstock system confirm}. */
    @Command(name = "confirm", description = "Keep the change that is on trial.")
    static final class ConfirmCommand extends GatewayCommand {
        @Override
        int run(ApiClient client) {
            JsonNode kept = client.call("POST", SETTINGS + ":confirm").send().json();
            if (isJson()) {
                print(kept);
            } else {
                say("the change stays");
            }
            return ExitCode.OK;
        }
    }

    /** {@code penstock system revert}. */
    @Command(name = "revert", description = "Take back the change that is on trial, at once.")
    static final class RevertCommand extends GatewayCommand {
        @Override
        int run(ApiClient client) {
            JsonNode kept = client.call("POST", SETTINGS + ":revert").send().json();
            if (isJson()) {
                print(kept);
            } else {
                say("the change is taken back");
            }
            return ExitCode.OK;
        }
    }

    /** {@code penstock system previous}. */
    @Command(
            name = "previous",
            description = "Have the next boot take the version before, with the configuration from before the upgrade.")
    static final class PreviousCommand extends GatewayCommand {
        @Option(names = "--reboot", description = "Boot at once.")
        private boolean isReboot;

        @Mixin
        private final RevisionNote note = new RevisionNote();

        @Override
        int run(ApiClient client) {
            JsonNode state = client.call("POST", "/v1/system/upgrade:previous")
                    .flag("reboot", isReboot)
                    .note(note.text())
                    .send()
                    .json();
            if (isJson()) {
                print(state);
            } else {
                say("slot " + state.path("nextSlot").asString("") + " is next" + (isReboot ? "; it boots now" : ""));
            }
            return ExitCode.OK;
        }
    }
}
