package io.penstock.appliance;

import io.penstock.appliance.command.CommandLines;
import io.penstock.appliance.demo.DemoCommand;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

/** Where the process begins: one command, then its exit status. */
public final class Main {
    private static final String RUN = "run";

    private Main() {}

    public static void main(String[] arguments) {
        System.exit(CommandLines.execute(fromStartFolder(commandLine(arguments)), arguments));
    }

    /**
     * Has relative files mean what they meant where the launcher was called: in a distribution it starts java in the
     * distribution's own folder.
     */
    private static CommandLine fromStartFolder(CommandLine command) {
        @Nullable String folder = System.getProperty("penstock.folder");
        return folder == null
                ? command
                : command.registerConverter(Path.class, text -> Path.of(folder).resolve(text));
    }

    /** What the arguments may mean: a gateway that starts does not wait for the reading of all other commands' classes. */
    private static CommandLine commandLine(String[] arguments) {
        return arguments.length > 0 && arguments[0].equals(RUN)
                ? new CommandLine(CommandSpec.create().name("penstock")).addSubcommand(new RunCommand())
                : commandLine();
    }

    /** Every command there is. */
    static CommandLine commandLine() {
        return CommandLines.penstock()
                .addSubcommand(new RunCommand())
                .addSubcommand(new RehearseCommand())
                .addSubcommand(new DemoCommand());
    }
}
