package io.penstock.appliance.command;

import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code penstock context}. */
@Command(
        name = "context",
        description = {
            "Keep gateways and their tokens by name, so that other commands need neither --admin nor --token-file.",
            "They are in $XDG_CONFIG_HOME/penstock/contexts.json (or ~/.config), which only you can read."
        },
        synopsisSubcommandLabel = "COMMAND",
        footerHeading = "%nExample:%n",
        footer = "  penstock context add home --admin http://127.0.0.1:8081 --token-file token.txt",
        subcommands = {
            ContextCommand.ListCommand.class,
            ContextCommand.AddCommand.class,
            ContextCommand.UseCommand.class,
            ContextCommand.RemoveCommand.class
        })
final class ContextCommand extends GroupCommand {
    private static Contexts contexts() {
        return Contexts.read(Contexts.place(System.getenv()));
    }

    /** {@code penstock context list}. */
    @Command(name = "list", description = "List the contexts; * marks the one in use.")
    static final class ListCommand implements Callable<Integer> {
        @Spec
        @SuppressWarnings("NullAway.Init") // set by picocli before call()
        private CommandSpec spec;

        @Override
        public Integer call() {
            Contexts contexts = contexts();
            TextTable table = TextTable.of("", "NAME", "ADMIN", "TOKEN");
            contexts.byName()
                    .forEach((name, context) -> table.row(
                            contexts.current().equals(Optional.of(name)) ? "*" : "",
                            name,
                            context.admin(),
                            context.token().isPresent() ? "kept" : "none"));
            var out = spec.commandLine().getOut();
            table.lines().forEach(out::println);
            out.flush();
            return ExitCode.OK;
        }
    }

    /** {@code penstock context add}. */
    @Command(name = "add", description = "Keep a gateway under a name, or replace what is kept there, and use it.")
    static final class AddCommand implements Callable<Integer> {
        @Spec
        @SuppressWarnings("NullAway.Init") // set by picocli before call()
        private CommandSpec spec;

        @Parameters(paramLabel = "NAME", description = "Letters, digits, '.', '_' and '-'.")
        private String name = "";

        @Option(names = "--admin", paramLabel = "URL", description = "The admin API. Default: ${DEFAULT-VALUE}.")
        private String admin = GatewayOptions.ADMIN_DEFAULT;

        @Option(names = "--token-file", paramLabel = "FILE", description = "A file with the token, which is copied.")
        private Optional<Path> tokenFile = Optional.empty();

        @Option(
                names = "--fingerprint",
                paramLabel = "SHA256",
                description = "Of the only certificate to believe there; else what this machine trusts.")
        private Optional<String> fingerprint = Optional.empty();

        @Override
        public Integer call() {
            if (!name.matches("[A-Za-z0-9][A-Za-z0-9._-]{0,63}")) {
                throw new CommandFailure(
                        ExitCode.USAGE,
                        "context \"" + PlainText.of(name) + "\": wanted up to 64 letters, digits, '.', '_' or '-'");
            }
            String address = AdminAddress.parse(admin).toString();
            contexts()
                    .with(
                            name,
                            new Contexts.Context(
                                    address, tokenFile.map(TokenFile::read), fingerprint.map(AdminTrust::normal)))
                    .write();
            var out = spec.commandLine().getOut();
            out.println("kept and in use now: " + name + " at " + address);
            out.flush();
            return ExitCode.OK;
        }
    }

    /** {@code penstock context use}. */
    @Command(name = "use", description = "Use this context when a command names no gateway.")
    static final class UseCommand implements Callable<Integer> {
        @Parameters(paramLabel = "NAME", description = "A name that was added.")
        private String name = "";

        @Override
        public Integer call() {
            Contexts contexts = contexts();
            contexts.named(name);
            contexts.using(name).write();
            return ExitCode.OK;
        }
    }

    /** {@code penstock context remove}. */
    @Command(name = "remove", description = "Forget a context and its token. The token stays valid until revoked.")
    static final class RemoveCommand implements Callable<Integer> {
        @Parameters(paramLabel = "NAME", description = "A name that was added.")
        private String name = "";

        @Override
        public Integer call() {
            Contexts contexts = contexts();
            contexts.named(name);
            contexts.without(name).write();
            return ExitCode.OK;
        }
    }
}
