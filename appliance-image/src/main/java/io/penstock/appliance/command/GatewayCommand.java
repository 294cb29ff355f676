package io.penstock.appliance.command;

import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;

/** What all commands share that ask a running gateway. */
abstract class GatewayCommand implements Callable<Integer> {
    @Mixin
    private final GatewayOptions gateway = new GatewayOptions();

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli before call()
    private CommandSpec spec;

    /** Asks, and says what came of it. @return the exit status */
    abstract int run(ApiClient client);

    /** Whether there is something to ask; if not, {@link #runAlone} does all of it. */
    boolean needsGateway() {
        return true;
    }

    /** Does what can be done without a gateway. @return the exit status */
    int runAlone() {
        throw new IllegalStateException("this command needs a gateway");
    }

    @Override
    public final Integer call() {
        if (!needsGateway()) {
            int exitCode = runAlone();
            out().flush();
            return exitCode;
        }
        try (ApiClient client = gateway.client()) {
            return run(client);
        } finally {
            out().flush();
        }
    }

    final boolean isJson() {
        return gateway.isJson();
    }

    final PrintWriter out() {
        return spec.commandLine().getOut();
    }

    final PrintWriter err() {
        return spec.commandLine().getErr();
    }

    final void print(JsonNode json) {
        out().println(json.toPrettyString());
    }

    final void print(TextTable table) {
        table.lines().forEach(out()::println);
    }

    final void say(String line) {
        out().println(PlainText.of(line));
    }
}
