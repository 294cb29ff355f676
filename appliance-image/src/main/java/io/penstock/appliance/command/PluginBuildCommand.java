package io.penstock.appliance.command;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code penstock plugin build}. */
@Command(
        name = "build",
        description = {
            "Bundle TypeScript and npm packages into " + PluginBuild.OUT
                    + " with a source map, and have plugin.json name them.",
            "Runs the project's own esbuild (npm install --save-dev esbuild); downloads nothing."
        })
final class PluginBuildCommand implements Callable<Integer> {
    @Parameters(paramLabel = "DIR", arity = "0..1", description = "The folder with plugin.json. Default: this one.")
    private Path folder = Path.of("");

    @Option(
            names = "--entry",
            paramLabel = "FILE",
            description = "The source to begin with. Default: src/main.ts, or what plugin.json names.")
    private Optional<String> entry = Optional.empty();

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli before call()
    private CommandSpec spec;

    @Override
    public Integer call() {
        PluginBuild.Built built = new PluginBuild(folder).build(entry);
        PrintWriter out = spec.commandLine().getOut();
        out.println(built.entry() + " is " + PluginBuild.OUT + ", " + built.bytes() + " bytes");
        out.flush();
        return ExitCode.OK;
    }
}
