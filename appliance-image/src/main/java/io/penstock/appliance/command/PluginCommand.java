package io.penstock.appliance.command;

import io.penstock.admin.resource.PluginRegistry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** {@code penstock plugin}. */
@Command(
        name = "plugin",
        description = "Begin, try, store and move plugins.",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            PluginCommand.NewCommand.class,
            PluginTypesCommand.class,
            PluginBuildCommand.class,
            PluginTestCommand.class,
            PluginCommand.PushCommand.class,
            PluginCommand.ListCommand.class,
            PluginStatsCommand.class,
            PluginCommand.LogsCommand.class,
            PluginCommand.UpgradeCommand.class,
            PluginCommand.RollbackCommand.class,
            PluginReleaseCommand.class,
            PluginCommand.DevCommand.class
        })
final class PluginCommand extends GroupCommand {
    private static final String PLUGINS = "/v1/plugins/";

    /** The name, if it can be one in a path. */
    static String named(String name) {
        if (!name.matches("[a-z0-9][a-z0-9-]{0,62}")) {
            throw new CommandFailure(
                    ExitCode.USAGE, "\"" + name + "\" is no plugin's name: lower case letters, digits and hyphens");
        }
        return name;
    }

    /** Stores a package. @return what the API answered, good */
    static ApiAnswer push(ApiClient client, String name, String version, byte[] zip, Optional<String> note) {
        return client.call("PUT", PLUGINS + named(name) + "/versions/" + version)
                .bytes("application/zip", zip)
                .note(note)
                .send();
    }

    static ApiAnswer upgrade(ApiClient client, String name, Optional<String> version, Optional<String> note) {
        ObjectNode wish = JsonNodeFactory.instance.objectNode();
        version.ifPresent(wanted -> wish.put("version", wanted));
        return client.call("POST", PLUGINS + named(name) + ":upgrade")
                .json(wish)
                .note(note)
                .send();
    }

    /** {@code penstock plugin new}. */
    @Command(name = "new", description = "Begin a plugin: a folder with a manifest and a module that works.")
    static final class NewCommand implements Callable<Integer> {
        @Parameters(paramLabel = "DIR", description = "The folder to make; its name is the plugin's.")
        private Path folder = Path.of("");

        @Spec
        @SuppressWarnings("NullAway.Init") // set by picocli before call()
        private CommandSpec spec;

        @Override
        public Integer call() {
            String name =
                    named(String.valueOf(folder.toAbsolutePath().normalize().getFileName()));
            if (Files.exists(folder)) {
                throw new CommandFailure(ExitCode.USAGE, folder + " exists already");
            }
            try {
                Files.createDirectories(folder);
                Files.writeString(folder.resolve("plugin.json"), """
                        {
                          "name": "%s",
                          "version": "0.1.0",
                          "api": 1,
                          "entry": "main.mjs",
                          "configSchema": {
                            "type": "object",
                            "properties": {"greeting": {"type": "string", "default": "hello"}},
                            "additionalProperties": false
                          }
                        }
                        """.formatted(name), StandardCharsets.UTF_8);
                Files.writeString(folder.resolve("main.mjs"), """
                        export default {
                          onRequest(req, ctx) {
                            req.headers.set('x-greeting', ctx.config.greeting);
                          },
                          onResponse(res, ctx) {
                            res.headers.set('x-plugin', '%s');
                          },
                        };
                        """.formatted(name), StandardCharsets.UTF_8);
            } catch (IOException failed) {
                throw FileTrouble.unwritten(folder, failed);
            }
            var out = spec.commandLine().getOut();
            out.println("plugin " + name + " begins in " + folder);
            out.println("  penstock plugin test " + folder + " --hook onRequest");
            out.println("  penstock plugin push " + folder);
            out.println("then in filters of a route: {type: plugin, use: " + name + "@0.1}");
            out.flush();
            return ExitCode.OK;
        }
    }

    /** {@code penstock plugin push}. */
    @Command(
            name = "push",
            description = {
                "Store a plugin's folder as a version, for good. Touches no traffic.",
                "The same content again changes nothing; other content needs another version."
            })
    static final class PushCommand extends GatewayCommand {
        @Parameters(paramLabel = "DIR", description = "The folder with plugin.json.")
        private Path folder = Path.of("");

        @Option(
                names = {"-m", "--note"},
                paramLabel = "TEXT",
                description = "Why, for the record and the audit log.")
        private Optional<String> note = Optional.empty();

        @Override
        int run(ApiClient client) {
            PluginFolder plugin = PluginFolder.read(folder);
            ApiAnswer answer = push(client, plugin.name(), plugin.version(), plugin.zip(), note);
            if (isJson()) {
                print(answer.json());
                return ExitCode.OK;
            }
            answer.json().path("warnings").forEach(warning -> say("warning: " + warning.asString("")));
            say("plugin " + plugin.name() + "@" + plugin.version()
                    + (answer.status() == 201 ? " is stored" : " was stored already") + ", sha256 "
                    + answer.json().path("sha256").asString(""));
            return ExitCode.OK;
        }
    }

    /** {@code penstock plugin list}. */
    @Command(
            name = "list",
            description = "List the stored versions, where they are used, how they fare, what they cost.")
    static final class ListCommand extends GatewayCommand {
        @Parameters(paramLabel = "NAME", arity = "0..1", description = "Only this plugin.")
        private Optional<String> name = Optional.empty();

        @Override
        int run(ApiClient client) {
            ObjectNode all = JsonNodeFactory.instance.objectNode();
            if (name.isPresent()) {
                all.withArray("items").add(client.get(PLUGINS + named(name.get())));
            } else {
                for (JsonNode item : client.call("GET", "/v1/plugins")
                        .query("limit", "1000")
                        .send()
                        .json()
                        .path("items")) {
                    all.withArray("items")
                            .add(client.get(PLUGINS + item.path("name").asString("")));
                }
            }
            if (isJson()) {
                print(all);
                return ExitCode.OK;
            }
            TextTable table = TextTable.of("PLUGIN", "STATE", "USES", "FAULTS", "STRIKES", "CPU P99", "STORED");
            for (JsonNode plugin : all.path("items")) {
                for (JsonNode version : plugin.path("versions")) {
                    long faults = 0;
                    for (JsonNode count : version.path("faults")) {
                        faults += count.asLong(0);
                    }
                    long slowest = 0;
                    for (JsonNode hook : version.path("cost")) {
                        slowest = Math.max(slowest, hook.path("cpuP99Us").asLong(0));
                    }
                    table.row(
                            version.path("name").asString("") + "@"
                                    + version.path("version").asString(""),
                            version.path("state").asString(""),
                            version.path("usedBy").size(),
                            faults,
                            version.path("strikes").asInt(0),
                            version.path("cost").isEmpty() ? "-" : slowest + " us",
                            version.path("created").asString(""));
                }
            }
            print(table);
            return ExitCode.OK;
        }
    }

    /** {@code penstock plugin logs}. */
    @Command(name = "logs", description = "Show the last lines that a plugin wrote.")
    static final class LogsCommand extends GatewayCommand {
        @Parameters(paramLabel = "NAME", description = "The plugin.")
        private String name = "";

        @Option(names = "--limit", paramLabel = "N", description = "Lines, 1 to 1000. Default: ${DEFAULT-VALUE}.")
        private int limit = 100;

        @Override
        int run(ApiClient client) {
            JsonNode page = client.call("GET", PLUGINS + named(name) + "/log")
                    .query("limit", Integer.toString(limit))
                    .send()
                    .json();
            if (isJson()) {
                print(page);
                return ExitCode.OK;
            }
            for (JsonNode line : page.path("items")) {
                say(line.path("at").asString("") + " " + line.path("level").asString("") + " "
                        + line.path("requestId").asString("-") + " "
                        + line.path("text").asString(""));
            }
            return ExitCode.OK;
        }
    }

    /** {@code penstock plugin upgrade}. */
    @Command(name = "upgrade", description = "Move every use of a plugin to one version, in one revision.")
    static final class UpgradeCommand extends GatewayCommand {
        @Parameters(index = "0", paramLabel = "NAME", description = "The plugin.")
        private String name = "";

        @Parameters(
                index = "1",
                arity = "0..1",
                paramLabel = "VERSION",
                description = "Where to; the newest release if absent.")
        private Optional<String> version = Optional.empty();

        @Mixin
        private final RevisionNote note = new RevisionNote();

        @Override
        int run(ApiClient client) {
            return report(upgrade(client, name, version, note.text()), this);
        }
    }

    /** {@code penstock plugin rollback}. */
    @Command(name = "rollback", description = "Take the last move of a plugin's uses back, in one revision.")
    static final class RollbackCommand extends GatewayCommand {
        @Parameters(paramLabel = "NAME", description = "The plugin.")
        private String name = "";

        @Mixin
        private final RevisionNote note = new RevisionNote();

        @Override
        int run(ApiClient client) {
            return report(
                    client.call("POST", PLUGINS + named(name) + ":rollback")
                            .note(note.text())
                            .send(),
                    this);
        }
    }

    private static int report(ApiAnswer answer, GatewayCommand command) {
        if (command.isJson()) {
            command.print(answer.json());
        } else {
            ChangeReport.print(answer.json(), command);
        }
        return ExitCode.OK;
    }

    /** {@code penstock plugin dev}. */
    @Command(
            name = "dev",
            description = {
                "Store the folder whenever it changes, as VERSION-dev.HASH, and move every use of the plugin to it.",
                "What is built is built again whenever its sources change.",
                "For a gateway of your own: Ctrl-C ends it and leaves the last one in use."
            })
    static final class DevCommand extends GatewayCommand {
        private static final Duration LOOK_EVERY = Duration.ofMillis(300);

        @Parameters(paramLabel = "DIR", description = "The folder with plugin.json.")
        private Path folder = Path.of("");

        @Option(names = "--once", description = "Store and move once, and end.")
        private boolean isOnce;

        @Override
        int run(ApiClient client) {
            byte[] last = {};
            String lastSources = "";
            while (true) {
                try {
                    PluginFolder plugin = PluginFolder.read(folder);
                    if (plugin.isBuilt() && !plugin.sources().equals(lastSources)) {
                        lastSources = plugin.sources();
                        new PluginBuild(folder).build(Optional.empty());
                        plugin = PluginFolder.read(folder);
                    }
                    byte[] zip = plugin.zip();
                    if (!Arrays.equals(zip, last)) {
                        last = zip;
                        store(client, plugin, zip);
                    }
                } catch (CommandFailure refused) {
                    if (isOnce || refused.exitCode() != ExitCode.FAILED) {
                        throw refused;
                    }
                    // The next change may mend it.
                    say(refused.text());
                }
                out().flush();
                if (isOnce) {
                    return ExitCode.OK;
                }
                try {
                    Thread.sleep(LOOK_EVERY);
                } catch (InterruptedException stopping) {
                    Thread.currentThread().interrupt();
                    return ExitCode.OK;
                }
            }
        }

        // No use was moved: there is none, or all of them had this version before.
        private static String unmoved(ApiClient client, String name) {
            return client.get(PLUGINS + name).path("usedBy").isEmpty()
                    ? "stored; nothing uses the plugin yet"
                    : "stored and live already";
        }

        private void store(ApiClient client, PluginFolder plugin, byte[] zip) {
            String hash = PluginRegistry.sha256(zip).substring(0, 12);
            // A word, since a number must not begin with 0.
            String version = plugin.version().replaceFirst("-.*", "") + "-dev.h" + hash;
            push(client, plugin.name(), version, plugin.zip(version), Optional.of("penstock plugin dev"));
            JsonNode moved = upgrade(client, plugin.name(), Optional.of(version), Optional.of("penstock plugin dev"))
                    .json();
            say("plugin " + plugin.name() + "@" + version + ": "
                    + (moved.path("changes").isEmpty()
                            ? unmoved(client, plugin.name())
                            : "live in revision " + moved.path("revision").asLong(0)));
        }
    }
}
