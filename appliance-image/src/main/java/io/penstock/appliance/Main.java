package io.penstock.appliance;

import io.penstock.appliance.command.CommandLines;
import io.penstock.appliance.demo.DemoCommand;
import picocli.CommandLine;

/** Where the process begins: one command, then its exit status. */
public final class Main {
    private Main() {}

    public static void main(String[] arguments) {
        System.exit(CommandLines.execute(commandLine(), arguments));
    }

    /** Every command there is. */
    static CommandLine commandLine() {
        return CommandLines.penstock().addSubcommand(new RunCommand()).addSubcommand(new DemoCommand());
    }
}
