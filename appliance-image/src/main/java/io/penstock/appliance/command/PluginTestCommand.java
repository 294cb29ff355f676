package io.penstock.appliance.command;

import io.penstock.plugin.JavaScriptLibrary;
import io.penstock.plugin.PluginTests;
import io.penstock.plugin.ScriptOptions;
import io.penstock.spi.PluginLibrary.PluginLogLine;
import io.penstock.spi.PluginLibrary.PluginPackage;
import io.penstock.spi.PluginLibrary.PluginTrial;
import io.penstock.spi.PluginLibrary.PluginTrialRequest;
import io.penstock.spi.PluginRefusedException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** {@code penstock plugin test}. */
@Command(
        name = "test",
        description = {
            "Run a folder's tests (test/*.mjs, as node --test would) in the real host.",
            "With --hook: run one hook there on a sample request, and say what it did, wrote and cost.",
            "A folder is tried here, without a gateway; NAME@VERSION in the gateway that has it."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  penstock plugin test token-guard",
            "  penstock plugin test token-guard --hook onRequest --url /orders/7 -H 'authorization: Bearer x'",
            "  penstock plugin test token-guard@1.0.0 --hook onRequest --from REQUEST_ID"
        })
final class PluginTestCommand extends GatewayCommand {
    @Parameters(paramLabel = "PLUGIN", description = "A folder with plugin.json, or NAME@VERSION of a stored one.")
    private String plugin = "";

    @Option(names = "--hook", paramLabel = "NAME", description = "Which hook, e.g. onRequest.")
    private String hook = "";

    @Option(
            names = "--config",
            paramLabel = "JSON",
            description = "Settings of the binding. Default: ${DEFAULT-VALUE}.")
    private String config = "{}";

    @Option(names = "--method", paramLabel = "METHOD", description = "The sample's method. Default: ${DEFAULT-VALUE}.")
    private String method = "GET";

    @Option(
            names = "--url",
            paramLabel = "PATH",
            description = "The sample's path and query. Default: ${DEFAULT-VALUE}.")
    private String url = "/";

    @Option(
            names = {"-H", "--header"},
            paramLabel = "NAME:VALUE",
            converter = HeaderOption.Converter.class,
            description = "A header of the sample; may be repeated.")
    private List<HeaderOption> headers = new ArrayList<>();

    @Option(names = "--body", paramLabel = "TEXT", description = "The sample's body.")
    private String body = "";

    @Option(
            names = "--status",
            paramLabel = "N",
            description = "Status of the response that response hooks get. Default: ${DEFAULT-VALUE}.")
    private int status = 200;

    @Option(
            names = "--response-body",
            paramLabel = "TEXT",
            description = "Body of the response that response hooks get.")
    private String responseBody = "";

    @Option(
            names = "--from",
            paramLabel = "REQUEST_ID",
            description = "Method, host and path of a recent request of the gateway.")
    private Optional<String> from = Optional.empty();

    @Override
    boolean needsGateway() {
        return !isFolder() || from.isPresent();
    }

    private boolean isFolder() {
        return Files.isDirectory(Path.of(plugin));
    }

    @Override
    int run(ApiClient client) {
        if (isFolder()) {
            replay(client);
            return tryHook();
        }
        if (hook.isEmpty()) {
            throw new CommandFailure(ExitCode.USAGE, "name a hook of the stored version with --hook");
        }
        int at = plugin.indexOf('@');
        if (at < 1) {
            throw new CommandFailure(ExitCode.USAGE, "\"" + plugin + "\" is neither a folder nor NAME@VERSION");
        }
        ObjectNode wish = JsonNodeFactory.instance.objectNode().put("hook", hook);
        wish.set("config", settings());
        from.ifPresent(id -> wish.put("requestId", id));
        ObjectNode request = wish.putObject("request");
        if (from.isEmpty()) {
            request.put("method", method).put("url", url);
        }
        for (Map.Entry<String, String> header : headers()) {
            request.withObjectProperty("headers")
                    .withArrayProperty(header.getKey())
                    .add(header.getValue());
        }
        request.put("body", body);
        wish.putObject("response").put("status", status).put("body", responseBody);
        JsonNode trial = client.call(
                        "POST",
                        "/v1/plugins/" + PluginCommand.named(plugin.substring(0, at)) + "/versions/"
                                + plugin.substring(at + 1) + ":test")
                .json(wish)
                .send()
                .json();
        if (isJson()) {
            print(trial);
        } else {
            List<String> before = lines(trial.path("before"));
            tell(
                    trial.path("outcome").asString(""),
                    before,
                    lines(trial.path("after")),
                    trial.path("fault").stringValueOpt(),
                    trial.path("cpuMicros").asLong(0));
            JsonNode answer = trial.path("answer");
            if (answer.isObject()) {
                say("answer " + answer.path("status").asInt(0) + ": "
                        + answer.path("body").asString(""));
            }
            trial.path("log")
                    .forEach(line -> say("log " + line.path("level").asString("") + ": "
                            + line.path("text").asString("")));
        }
        return exitCode(trial.path("outcome").asString(""));
    }

    @Override
    int runAlone() {
        return hook.isEmpty() ? runTests() : tryHook();
    }

    // What a gateway's trail keeps of a request becomes the sample.
    private void replay(ApiClient client) {
        String id = from.orElse("");
        if (hook.isEmpty() || !id.matches("[A-Za-z0-9._-]{1,128}")) {
            throw new CommandFailure(
                    ExitCode.USAGE, "--from takes the id of a request, and --hook the hook to replay it in");
        }
        JsonNode kept = client.get("/v1/requests/" + id);
        method = kept.path("method").asString(method);
        url = kept.path("path").asString(url);
        boolean hasHost = headers.stream().anyMatch(header -> header.name().equalsIgnoreCase("host"));
        if (!hasHost) {
            headers = new ArrayList<>(headers);
            headers.add(new HeaderOption("host", kept.path("host").asString("")));
        }
    }

    private int runTests() {
        PluginFolder folder = PluginFolder.read(Path.of(plugin));
        if (PluginTests.filesOf(folder.files()).isEmpty()) {
            throw new CommandFailure(
                    ExitCode.USAGE,
                    "folder " + plugin + " has no tests, test/*.mjs; name a hook to try one with --hook");
        }
        List<PluginTests.Result> results = new ArrayList<>();
        try {
            PluginTests.run(
                    folder.files(),
                    folder.zip(),
                    result -> told(result, results),
                    line -> err().println(PlainText.of(line)));
        } catch (PluginRefusedException refused) {
            throw refusal(folder, refused);
        }
        long failed = results.stream()
                .filter(result -> result.outcome() == PluginTests.Outcome.FAILED)
                .count();
        if (isJson()) {
            ObjectNode json = JsonNodeFactory.instance.objectNode();
            for (PluginTests.Result result : results) {
                ObjectNode one = json.withArray("tests").addObject();
                result.name().forEach(one.withArray("name")::add);
                one.put("outcome", result.outcome().name().toLowerCase(Locale.ROOT))
                        .put("file", result.file());
                if (result.outcome() == PluginTests.Outcome.FAILED) {
                    one.put("place", result.place()).put("message", result.message());
                }
            }
            print(json.put("failed", failed));
        } else {
            say(results.size() + " tests, " + failed + " failed");
        }
        return failed == 0 ? ExitCode.OK : ExitCode.FAILED;
    }

    private void told(PluginTests.Result result, List<PluginTests.Result> results) {
        results.add(result);
        if (isJson()) {
            return;
        }
        String name = result.name().isEmpty() ? result.file() : String.join(" > ", result.name());
        switch (result.outcome()) {
            case PASSED -> say("ok      " + name);
            case SKIPPED -> say("skipped " + name);
            case FAILED -> {
                say("FAILED  " + name + " (" + result.place() + ")");
                result.message().lines().forEach(line -> say("          " + line));
            }
        }
    }

    private int tryHook() {
        PluginFolder folder = PluginFolder.read(Path.of(plugin));
        try (JavaScriptLibrary library = new JavaScriptLibrary(ScriptOptions.DEFAULT)) {
            PluginPackage checked = library.check(folder.zip());
            library.add(checked);
            PluginTrial trial = library.test(new PluginTrialRequest(
                    checked.name(),
                    checked.version(),
                    hook,
                    settings().toString(),
                    method,
                    url,
                    headers(),
                    body.getBytes(StandardCharsets.UTF_8),
                    status,
                    List.of(),
                    responseBody.getBytes(StandardCharsets.UTF_8)));
            tell(trial);
            return exitCode(trial.outcome());
        } catch (PluginRefusedException refused) {
            throw refusal(folder, refused);
        }
    }

    private static CommandFailure refusal(PluginFolder folder, PluginRefusedException refused) {
        StringBuilder text = new StringBuilder("plugin " + folder.name() + " is refused:");
        refused.faults()
                .forEach(fault -> text.append("\n  ")
                        .append(fault.where().isEmpty() ? "" : fault.where() + ": ")
                        .append(fault.detail())
                        .append(fault.hint().map(way -> " (" + way + ")").orElse("")));
        return new CommandFailure(ExitCode.FAILED, PlainText.of(text.toString()));
    }

    private void tell(PluginTrial trial) {
        if (isJson()) {
            ObjectNode json = JsonNodeFactory.instance
                    .objectNode()
                    .put("outcome", trial.outcome())
                    .put("cpuMicros", trial.cpuMicros());
            trial.before().forEach(json.withArray("before")::add);
            trial.after().forEach(json.withArray("after")::add);
            trial.fault().ifPresent(fault -> json.put("fault", fault));
            trial.answer()
                    .ifPresent(answer -> json.putObject("answer")
                            .put("status", answer.status())
                            .put("body", new String(answer.body(), StandardCharsets.UTF_8)));
            for (PluginLogLine line : trial.log()) {
                json.withArray("log").addObject().put("level", line.level()).put("text", line.text());
            }
            print(json);
            return;
        }
        tell(trial.outcome(), trial.before(), trial.after(), trial.fault(), trial.cpuMicros());
        trial.answer()
                .ifPresent(answer ->
                        say("answer " + answer.status() + ": " + new String(answer.body(), StandardCharsets.UTF_8)));
        trial.log().forEach(line -> say("log " + line.level() + ": " + line.text()));
    }

    private void tell(String outcome, List<String> before, List<String> after, Optional<String> fault, long cpuMicros) {
        say(outcome + ", " + cpuMicros + " us CPU (cold: code that has run once)");
        before.stream().filter(line -> !after.contains(line)).forEach(line -> say("- " + line));
        after.stream().filter(line -> !before.contains(line)).forEach(line -> say("+ " + line));
        fault.ifPresent(this::say);
    }

    private static int exitCode(String outcome) {
        return outcome.equals("failed") ? ExitCode.FAILED : ExitCode.OK;
    }

    private static List<String> lines(JsonNode list) {
        List<String> lines = new ArrayList<>();
        list.forEach(line -> lines.add(line.asString("")));
        return lines;
    }

    private JsonNode settings() {
        try {
            return JsonMapper.shared().readTree(config);
        } catch (JacksonException noJson) {
            throw new CommandFailure(ExitCode.USAGE, "--config is no JSON: " + noJson.getOriginalMessage());
        }
    }

    private List<Map.Entry<String, String>> headers() {
        return headers.stream()
                .map(header -> Map.entry(header.name(), header.value()))
                .toList();
    }
}
