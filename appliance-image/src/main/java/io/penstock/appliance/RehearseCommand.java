package io.penstock.appliance;

import io.penstock.admin.backup.BackupHeader;
import io.penstock.admin.backup.BackupRefused;
import io.penstock.admin.backup.Restore;
import io.penstock.admin.resource.ConfigJson;
import io.penstock.admin.resource.HeadComparison;
import io.penstock.admin.resource.HeadDocument;
import io.penstock.admin.resource.UnreadableTextException;
import io.penstock.admin.store.DataFolder;
import io.penstock.admin.store.DataFolderRefused;
import io.penstock.appliance.command.BuildVersion;
import io.penstock.appliance.command.CommandFailure;
import io.penstock.appliance.command.ExitCode;
import io.penstock.appliance.command.FileTrouble;
import io.penstock.appliance.command.Passphrase;
import io.penstock.plugin.kv.SharedStore;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** {@code penstock rehearse}: what this version would do with a state and with requests that another one has. */
@Command(
        name = "rehearse",
        description = {
            "Say what this version would do with a gateway's state and with requests that came to it, before it takes its place.",
            "The state is copied, opened and compiled as a start would do it, plugins among it; then each head is explained and compared with what the",
            "running gateway said of it. Nothing listens, nobody is asked, nothing is sent, and neither the backup nor the folder changes."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  penstock heads --output json > heads.json         (the running version)",
            "  penstock backup --passphrase-file pass gateway.backup",
            "  penstock rehearse --backup gateway.backup --passphrase-file pass heads.json     (the new one)",
            "",
            "Exit status: 0 all the same, 7 something differs, 8 this version does not serve that configuration."
        })
final class RehearseCommand implements Callable<Integer> {
    private static final int EXAMPLE_URL_CHARS_MAX = 200;

    @Option(names = "--backup", paramLabel = "FILE", description = "The state: what penstock backup has written.")
    private Optional<Path> backup = Optional.empty();

    @Option(
            names = "--passphrase-file",
            paramLabel = "FILE",
            description = "Its first line is the passphrase of the backup. Without it you are asked.")
    private Optional<Path> passphraseFile = Optional.empty();

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description = "The state: a data folder that no gateway holds, or a copy of one.")
    private Optional<Path> data = Optional.empty();

    @Option(
            names = "--work",
            paramLabel = "DIR",
            description = "Where the copy is made, and removed at the end. Default: the folder for temporary files.")
    private Optional<Path> work = Optional.empty();

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FORMAT",
            description = "text or json. Default: ${DEFAULT-VALUE}.")
    private Format output = Format.text;

    @Parameters(
            paramLabel = "HEADS",
            arity = "0..1",
            description = "What penstock heads --output json has written. Without it only the configuration is tried.")
    private Optional<Path> heads = Optional.empty();

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli before call()
    private CommandSpec spec;

    /** How the report is written. */
    enum Format {
        text,
        json
    }

    @Override
    public Integer call() {
        if (backup.isPresent() == data.isPresent()) {
            throw new ParameterException(spec.commandLine(), "Name the state: either --backup FILE or --data DIR.");
        }
        HeadDocument document = heads.map(RehearseCommand::read).orElseGet(() -> new HeadDocument("", 0, List.of()));
        PrintWriter out = spec.commandLine().getOut();
        try (TemporaryFolder copy = TemporaryFolder.make(work);
                DataFolder folder = DataFolder.hold(copy.path())) {
            CopiedState state = new CopiedState(data.or(() -> backup).orElseThrow(), backup.isPresent(), folder.path());
            lay(folder, state);
            return rehearse(folder, state, document, out);
        } catch (DataFolderRefused held) {
            throw new CommandFailure(
                    held.getCause() == null ? ExitCode.FOLDER_IN_USE : ExitCode.FAILED,
                    String.valueOf(held.getMessage()));
        } catch (IOException failed) {
            throw new CommandFailure(ExitCode.FAILED, "not rehearsed: " + FileTrouble.reason(failed));
        } finally {
            out.flush();
        }
    }

    private static HeadDocument read(Path file) {
        try {
            return HeadDocument.read(Files.readAllBytes(file));
        } catch (IOException unreadable) {
            throw FileTrouble.unread(file.toString(), unreadable);
        } catch (UnreadableTextException unreadable) {
            throw new CommandFailure(ExitCode.FAILED, file + ": " + unreadable.getMessage());
        }
    }

    private void lay(DataFolder folder, CopiedState state) throws IOException, DataFolderRefused {
        if (data.isPresent()) {
            Path from = data.get();
            if (!Restore.isDataFolder(from)) {
                throw new CommandFailure(ExitCode.FAILED, from + " holds no gateway's state");
            }
            try (DataFolder source = DataFolder.hold(from)) {
                Restore.copy(source, folder);
            }
            return;
        }
        Path from = backup.orElseThrow();
        char[] passphrase = Passphrase.read(passphraseFile, false);
        try (InputStream in = FileTrouble.opened("backup ", from)) {
            BackupHeader header = Restore.restore(
                    folder, in, passphrase, SharedStore::imageFault, Clock.systemUTC(), new SecureRandom());
            if (output == Format.text) {
                spec.commandLine()
                        .getOut()
                        .println("the state: revision " + header.revision() + ", backed up " + header.time()
                                + " by version " + header.madeBy());
            }
        } catch (BackupRefused refused) {
            throw new CommandFailure(ExitCode.FAILED, from + ": " + state.told(String.valueOf(refused.getMessage())));
        }
    }

    private int rehearse(DataFolder folder, CopiedState state, HeadDocument document, PrintWriter out) {
        try (DoorlessGateway gateway = new DoorlessGateway(folder)) {
            HeadComparison found = HeadComparison.of(document.heads(), gateway::decision);
            if (output == Format.json) {
                ObjectNode report = report(document).put("outcome", found.isSame() ? "same" : "different");
                report.put("revision", gateway.revision());
                report.put("undecided", document.undecided());
                gateway.recovery()
                        .ifPresent(recovery ->
                                report.putObject("recovery").setAll(new RecoveryText(recovery, state).json()));
                report.setAll(ConfigJson.write(found));
                out.println(report.toPrettyString());
            } else {
                gateway.recovery().ifPresent(recovery -> out.println(new RecoveryText(recovery, state).text()));
                tell(found, document, gateway.revision(), out);
            }
            return found.isSame() ? ExitCode.OK : ExitCode.DIFFERENT;
        } catch (StartFailure refused) {
            String why = state.told(String.valueOf(refused.getMessage()));
            if (output == Format.json) {
                out.println(report(document)
                        .put("outcome", "refused")
                        .put("detail", why)
                        .toPrettyString());
                return ExitCode.NOT_SERVED;
            }
            throw new CommandFailure(
                    ExitCode.NOT_SERVED, "version " + BuildVersion.text() + " would not start: " + why);
        }
    }

    private static ObjectNode report(HeadDocument document) {
        return JsonNodeFactory.instance
                .objectNode()
                .put("version", BuildVersion.text())
                .put("recordedBy", document.version())
                .put("recordedAtRevision", document.revision());
    }

    private void tell(HeadComparison found, HeadDocument document, long revision, PrintWriter out) {
        out.println("version " + BuildVersion.text() + " would serve revision " + revision);
        if (document.revision() != 0 && document.revision() != revision) {
            out.println("the heads were decided by revision " + document.revision()
                    + ": differences may be those of the configurations");
        }
        if (heads.isPresent() && document.heads().isEmpty()) {
            out.println(heads.get() + " lists no heads, so only the configuration was tried: heads are kept of requests"
                    + " that came since the start");
        }
        out.println(found.heads() + " heads of " + found.routes() + " routes: " + (found.heads() - found.differing())
                + " the same, " + found.differing() + " different");
        document.firstUndecided()
                .ifPresent(first -> out.println(document.undecided()
                        + (document.undecided() == 1 ? " of them has" : " of them have")
                        + " no decision, first " + first.substring(1)
                        + ": it is only compared whether their listener is open"));
        for (HeadComparison.Difference difference : found.differences()) {
            String url = difference.example().url();
            out.println("  " + difference.heads() + " x  " + difference.what());
            out.println("       as " + difference.example().method() + " "
                    + (url.length() > EXAMPLE_URL_CHARS_MAX ? url.substring(0, EXAMPLE_URL_CHARS_MAX) + "..." : url)
                    + " by listener " + difference.example().listener());
        }
        if (found.differencesLeftOut() > 0) {
            out.println("  and " + found.differencesLeftOut() + " more");
        }
    }
}
