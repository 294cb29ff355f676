package io.penstock.appliance.command;

import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;

/** Makes command lines of ours behave alike: defaults in the help, failures told in a sentence, no stack traces. */
public final class CommandLines {
    private CommandLines() {}

    /** The command with everything that needs only a running gateway, to which others add their own. */
    public static CommandLine penstock() {
        CommandLine commandLine = new CommandLine(new PenstockCommand());
        commandLine
                .getCommandSpec()
                .addOption(OptionSpec.builder("-V", "--version")
                        .versionHelp(true)
                        .description("Show the version.")
                        .build());
        return commandLine;
    }

    /** Runs a command line to its end. @return the exit status */
    public static int execute(CommandLine commandLine, String... arguments) {
        addHelp(commandLine);
        commandLine.setExecutionExceptionHandler(CommandLines::failed);
        commandLine.setParameterExceptionHandler(CommandLines::misused);
        commandLine.setUsageHelpAutoWidth(true);
        return commandLine.execute(arguments);
    }

    private static void addHelp(CommandLine commandLine) {
        commandLine
                .getCommandSpec()
                .addOption(OptionSpec.builder("-h", "--help")
                        .usageHelp(true)
                        .description("Show what this does and takes.")
                        .build());
        commandLine.getSubcommands().values().forEach(CommandLines::addHelp);
    }

    private static int failed(Exception thrown, CommandLine commandLine, CommandLine.ParseResult parsed) {
        var err = commandLine.getErr();
        if (thrown instanceof CommandFailure failure) {
            err.println(failure.text());
            err.flush();
            return failure.exitCode();
        }
        err.println("penstock " + commandLine.getCommandName() + ": unexpected " + thrown);
        thrown.printStackTrace(err);
        err.flush();
        return ExitCode.FAILED;
    }

    private static int misused(ParameterException misuse, String[] arguments) {
        CommandLine commandLine = misuse.getCommandLine();
        var err = commandLine.getErr();
        err.println(misuse.getMessage());
        CommandLine.UnmatchedArgumentException.printSuggestions(misuse, err);
        err.println("See: " + commandLine.getCommandSpec().qualifiedName() + " --help");
        err.flush();
        return ExitCode.USAGE;
    }
}
