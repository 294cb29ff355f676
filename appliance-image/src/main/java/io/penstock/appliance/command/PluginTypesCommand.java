package io.penstock.appliance.command;

import io.penstock.plugin.PluginKit;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code penstock plugin types}. */
@Command(
        name = "types",
        description = {
            "Write @penstock/plugin and @penstock/plugin-test into .penstock, and config.d.ts from the configSchema.",
            "For editors, tsc and node --test; nothing of it goes into a package."
        })
final class PluginTypesCommand implements Callable<Integer> {
    private static final String KIT = ".penstock";

    @Parameters(paramLabel = "DIR", arity = "0..1", description = "The folder with plugin.json. Default: this one.")
    private Path folder = Path.of("");

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli before call()
    private CommandSpec spec;

    @Override
    public Integer call() {
        Path manifest = folder.resolve("plugin.json");
        try {
            JsonNode read = JsonMapper.shared().readTree(Files.readString(manifest));
            for (Map.Entry<String, byte[]> file : PluginKit.files().entrySet()) {
                Path path = folder.resolve(KIT).resolve(file.getKey());
                Files.createDirectories(path.resolveSibling("."));
                Files.write(path, file.getValue());
            }
            Files.writeString(folder.resolve("config.d.ts"), ConfigTypes.of(read.path("configSchema")));
        } catch (JacksonException noJson) {
            throw new CommandFailure(ExitCode.FAILED, manifest + " is no JSON: " + noJson.getOriginalMessage());
        } catch (IOException failed) {
            throw new CommandFailure(ExitCode.FAILED, FileTrouble.reason(failed));
        }
        PrintWriter out = spec.commandLine().getOut();
        out.println("wrote " + folder.resolve("config.d.ts") + " and the kit in " + folder.resolve(KIT));
        if (!Files.exists(folder.resolve("node_modules/@penstock/plugin-test"))) {
            out.println("for editors, tsc and node --test, once:");
            out.println("  npm install --save-dev ./.penstock/plugin ./.penstock/plugin-test");
        }
        out.flush();
        return ExitCode.OK;
    }
}
