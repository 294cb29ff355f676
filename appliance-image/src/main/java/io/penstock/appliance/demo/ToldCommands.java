package io.penstock.appliance.demo;

import io.penstock.appliance.command.CommandFailure;
import io.penstock.appliance.command.CommandLines;
import io.penstock.appliance.command.ExitCode;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import picocli.CommandLine;

/** Runs commands as their user would, and shows them with what they said. */
record ToldCommands(Narrator narrator, URI admin, Path tokenFile) {
    /** Runs it. @return what it said; a bad end is a failure of the step */
    String penstock(String... arguments) {
        narrator.say("$ penstock " + String.join(" ", Arrays.asList(arguments)));
        List<String> all = new ArrayList<>(Arrays.asList(arguments));
        all.addAll(List.of("--admin", admin.toString(), "--token-file", tokenFile.toString()));
        StringWriter said = new StringWriter();
        CommandLine command = CommandLines.penstock();
        command.setOut(new PrintWriter(said));
        command.setErr(new PrintWriter(said));
        int exitCode = CommandLines.execute(command, all.toArray(String[]::new));
        if (exitCode != ExitCode.OK) {
            throw new CommandFailure(exitCode, said.toString().strip());
        }
        narrator.say(said.toString().strip());
        return said.toString();
    }
}
