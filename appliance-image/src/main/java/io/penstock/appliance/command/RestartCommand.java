package io.penstock.appliance.command;

import io.penstock.appliance.control.ControlLink;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code penstock restart}: another process takes a gateway's place, and no connection is lost. */
@Command(
        name = "restart",
        description = {
            "Start the gateway that holds a data folder anew, without losing a request.",
            "Another process of the program, which may be a newer one,",
            "takes over its listening sockets with the connections that wait in them. Should it not come to serve,",
            "the present one goes on as before. SIGHUP does the same."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  penstock restart --data /var/lib/penstock",
            "  penstock restart --data data --program /opt/penstock-1.3/bin/penstock",
            "  penstock restart --data data -- --data data --workers 4"
        })
final class RestartCommand implements Callable<Integer> {
    /** Each step of a restart is shorter, or fails by itself. */
    private static final Duration STEP_MAX = Duration.ofMinutes(5);

    @Option(names = "--data", paramLabel = "DIR", required = true, description = "The gateway's data folder.")
    private Path data = Path.of("");

    @Option(
            names = "--program",
            paramLabel = "FILE",
            description = "The program to start. Default: the one that the present process was started with.")
    private Optional<Path> program = Optional.empty();

    @Parameters(
            paramLabel = "ARGUMENT",
            arity = "0..*",
            description =
                    "After --: what to give to \"penstock run\". Default: what the present process was given, without"
                            + " --apply, since what is stored is to be served.")
    private List<String> arguments = List.of();

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli before call()
    private CommandSpec spec;

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        try (ControlLink link = connect()) {
            List<String> request = new ArrayList<>(List.of(
                    ControlLink.PROTOCOL,
                    "restart",
                    program.map(file -> file.toAbsolutePath().toString()).orElse("")));
            request.addAll(arguments);
            link.send(request);
            while (true) {
                List<String> answer = link.receive(STEP_MAX);
                if (answer.isEmpty()) {
                    throw new CommandFailure(ExitCode.FAILED, "the gateway broke off; see what it wrote");
                }
                switch (answer.getFirst()) {
                    case "told" -> {
                        out.println(answer.getLast());
                        out.flush();
                    }
                    case "done" -> {
                        out.println("process " + answer.getLast() + " serves");
                        out.flush();
                        return ExitCode.OK;
                    }
                    default ->
                        throw new CommandFailure(
                                ExitCode.FAILED, "not restarted, the present process goes on: " + answer.getLast());
                }
            }
        } catch (IOException broken) {
            throw new CommandFailure(ExitCode.FAILED, "the gateway is not heard any more: " + broken.getMessage());
        }
    }

    private ControlLink connect() {
        try {
            return ControlLink.connect(data);
        } catch (IOException | RuntimeException absent) {
            throw new CommandFailure(
                    ExitCode.UNREACHABLE,
                    "no gateway that can be restarted listens at " + data.resolve(ControlLink.FILE) + ": "
                            + absent.getMessage() + ". Is it running, with this data folder, and are you its user?");
        }
    }
}
