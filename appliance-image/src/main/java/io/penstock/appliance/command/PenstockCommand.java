package io.penstock.appliance.command;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code penstock}: the list of its commands. */
@Command(
        name = "penstock",
        description = "A layer 7 gateway: routes, limits, and one admin API for all of it.",
        synopsisSubcommandLabel = "COMMAND",
        versionProvider = BuildVersion.class,
        commandListHeading = "%nCommands:%n",
        optionListHeading = "%nOptions:%n",
        exitCodeListHeading = "%nExit status:%n",
        exitCodeList = {
            "0:done",
            "1:refused or failed",
            "2:the command line was not understood",
            "3:another process holds the data folder",
            "4:someone serves an address already that was to be served",
            "5:the admin API did not answer",
            "6:the admin API did not accept the token",
            "7:a rehearsal has found something that would be other than it is",
            "8:a rehearsal has found that the configuration would not be served"
        },
        footerHeading = "%nThe first minutes:%n",
        footer = {
            "  penstock demo                              a gateway, two toy upstreams, and a tour",
            "  penstock run --data /var/lib/penstock --apply first.yaml",
            "  penstock explain GET http://127.0.0.1:8080/orders/7",
            "",
            "Which gateway a command talks to: --admin and --token-file; else PENSTOCK_ADMIN and",
            "PENSTOCK_TOKEN_FILE; else the context in use (penstock context); else http://127.0.0.1:8081."
        },
        subcommands = {
            ValidateCommand.class,
            DiffCommand.class,
            ApplyCommand.class,
            ConfirmCommand.class,
            ExportCommand.class,
            RevisionsCommand.class,
            RollbackCommand.class,
            ExplainCommand.class,
            RequestCommand.class,
            HeadsCommand.class,
            StatusCommand.class,
            RestartCommand.class,
            BackupCommand.class,
            RestoreCommand.class,
            FactoryResetCommand.class,
            SupportBundleCommand.class,
            SystemCommand.class,
            AuditCommand.class,
            TokenCommand.class,
            PluginCommand.class,
            ContextCommand.class
        })
final class PenstockCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli before call()
    private CommandSpec spec;

    @Override
    public Integer call() {
        spec.commandLine().usage(spec.commandLine().getErr());
        return ExitCode.USAGE;
    }
}
