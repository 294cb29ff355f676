package io.penstock.appliance.command;

import io.penstock.admin.resource.ConfigDocument;
import io.penstock.admin.resource.Fault;
import io.penstock.config.ConfigProblem;
import io.penstock.config.ConfigValidator;
import io.penstock.config.ConfigWarning;
import io.penstock.config.ProxyConfig;
import io.penstock.engine.OfflineCheck;
import java.util.List;
import java.util.function.IntSupplier;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** {@code penstock validate}. */
@Command(
        name = "validate",
        description = {
            "Check a document and tell its faults with line and column.",
            "First all that cannot be read, and when there is none, all that does not fit together. The document is judged by itself,",
            "as if the gateway had nothing else; diff and apply judge it together with what is served.",
            "Needs no gateway. What only the one that is to serve it can tell, it tells with --live: whether secrets, keys and",
            "certificates are there and fit each other, plugins are stored and take their settings, addresses are free, log files can be",
            "written, and the tables of routes and limits have room."
        },
        footerHeading = "%nExamples:%n",
        footer = {"  penstock validate shop.yaml", "  penstock validate base.yaml prod.yaml --live"})
final class ValidateCommand extends GatewayCommand {
    @Mixin
    private final DocumentFiles files = new DocumentFiles();

    @Option(names = "--live", description = "Ask the running gateway too.")
    private boolean isLive;

    @Override
    boolean needsGateway() {
        return isLive;
    }

    @Override
    int run(ApiClient client) {
        return told(() -> ask(client));
    }

    @Override
    int runAlone() {
        return told(this::judge);
    }

    /** Tells programs of faults as it tells them that there are none. */
    private int told(IntSupplier outcome) {
        try {
            return outcome.getAsInt();
        } catch (DocumentRefused refused) {
            if (!isJson()) {
                throw refused;
            }
            print(refused.json());
            return refused.exitCode();
        }
    }

    private int ask(ApiClient client) {
        SentDocument sent = read();
        ApiAnswer answer =
                client.call("POST", "/v1/config:validate").json(sent.json()).exchange();
        if (!answer.isGood()) {
            throw sent.refused(answer, client.hasToken());
        }
        if (isJson()) {
            print(answer.json());
        } else {
            ChangesText.warnings(answer.json().path("warnings")).forEach(this::say);
            say(valid(sent.document()));
        }
        return ExitCode.OK;
    }

    private int judge() {
        SentDocument sent = read();
        List<ConfigWarning> warnings =
                ConfigValidator.warnings(ProxyConfig.empty(), sent.document().toConfig());
        if (isJson()) {
            ObjectNode body = JsonNodeFactory.instance.objectNode().put("valid", true);
            var list = body.putArray("warnings");
            warnings.forEach(warning -> list.addObject()
                    .put("code", warning.code())
                    .put("pointer", warning.resource().documentPointer() + warning.pointer())
                    .put("detail", warning.detail()));
            print(body);
        } else {
            warnings.forEach(warning -> say("warning: " + warning.resource() + ": " + warning.detail()
                    + warning.hint().map(way -> "\n    " + way).orElse("")));
            say(valid(sent.document()));
        }
        return ExitCode.OK;
    }

    /** The document, if it is sound as far as can be told without a gateway. */
    private SentDocument read() {
        SentDocument sent = files.read();
        ConfigDocument document = sent.document();
        ProxyConfig config = document.toConfig();
        List<ConfigProblem> problems = ConfigValidator.validate(ProxyConfig.empty(), config);
        if (problems.isEmpty()) {
            problems = OfflineCheck.problems(config);
        }
        if (!problems.isEmpty()) {
            List<Fault> faults = problems.stream().map(sent::locate).toList();
            throw sent.refused(faults, "");
        }
        return sent;
    }

    private static String valid(ConfigDocument document) {
        int resources = document.resources().size();
        return "valid: " + resources + (resources == 1 ? " resource" : " resources");
    }
}
