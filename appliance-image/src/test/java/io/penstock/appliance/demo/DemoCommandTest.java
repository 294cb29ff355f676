package io.penstock.appliance.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.appliance.command.CommandLines;
import io.penstock.appliance.command.ExitCode;
import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

final class DemoCommandTest {
    @Test
    void tellsAStoryWhoseEveryCheckHolds() {
        StringWriter out = new StringWriter();
        CommandLine commandLine = new CommandLine(new DemoCommand());
        commandLine.setOut(new PrintWriter(out));

        int exitCode = CommandLines.execute(commandLine, "--once", "--load-seconds", "1");

        String story = out.toString();
        assertThat(story).contains("All checks held.").doesNotContain("NOT OK");
        assertThat(exitCode).isEqualTo(ExitCode.OK);
        assertThat(story)
                .contains("apiVersion: penstock/v1")
                .contains("every VIP was served")
                .contains("a browser gets a waiting room")
                .contains("it has its share")
                .contains("no client saw a failure")
                .contains("her quota of 5 a month is hers alone")
                .contains("exactly 10 % got it")
                .contains("11. What a request costs now")
                .contains("12. A file becomes traffic")
                .contains("the very next request says \"bonjour\"")
                .contains("the version is in quarantine and is not called any more")
                .contains("every bystander got its 200")
                .contains("us of CPU per request");
    }
}
