package io.penstock.plugin;

import io.penstock.plugin.js.Hook;
import io.penstock.plugin.js.ScriptRefusedException;
import io.penstock.spi.Answer;
import io.penstock.spi.PluginLibrary.PluginTrial;
import io.penstock.spi.PluginLibrary.PluginTrialRequest;
import io.penstock.spi.PluginRefusedException.Fault;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The cases a package brings along in {@code self-test.json}, run when it is uploaded: each calls one hook with a sample and
 * says what is to come of it. A package whose cases do not hold is refused.
 *
 * <pre>{@code
 * [{"name": "refuses without a key", "hook": "onRequest", "config": {},
 *   "request": {"method": "GET", "url": "/orders/7", "headers": {"accept": "text/html"}, "body": ""},
 *   "response": {"status": 200, "headers": {}, "body": ""},
 *   "expect": {"outcome": "answered", "status": 401, "headers": {"content-type": "text/plain", "x-no": null}, "body": "..."}}]
 * }</pre>
 *
 * <p>{@code expect.headers} are those of the answer, or of the message after the hook where it does not answer; null says
 * that a header is not there.
 */
final class SelfTest {
    static final String FILE = "self-test.json";

    private static final int CASES_MAX = 100;
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final Set<String> MEMBERS = Set.of("name", "hook", "config", "request", "response", "expect");

    private final ScriptRuntime runtime;
    private final PluginVersion version;
    private final List<Fault> faults = new ArrayList<>();

    private SelfTest(ScriptRuntime runtime, PluginVersion version) {
        this.runtime = runtime;
        this.version = version;
    }

    /** Runs the cases of a version, if it has any; gives what did not hold. */
    static List<Fault> run(ScriptRuntime runtime, PluginVersion version) {
        byte[] file = version.scripts().files().get(FILE);
        if (file == null) {
            return List.of();
        }
        SelfTest test = new SelfTest(runtime, version);
        test.runAll(file);
        return test.faults;
    }

    private void runAll(byte[] file) {
        JsonNode cases;
        try {
            cases = JSON.readTree(file);
        } catch (JacksonException notJson) {
            fault("", "bad-json", notJson.getOriginalMessage());
            return;
        }
        if (!cases.isArray() || cases.size() > CASES_MAX) {
            fault("", "bad-type", "wanted a list of at most " + CASES_MAX + " cases");
            return;
        }
        for (int i = 0; i < cases.size(); i++) {
            runOne(cases.get(i), "/" + i);
        }
    }

    private void runOne(JsonNode one, String at) {
        for (String member : one.propertyNames()) {
            if (!MEMBERS.contains(member)) {
                fault(at + "/" + member, "unknown-member", "a case has no member of this name");
            }
        }
        Optional<Hook> hook = Hook.of(one.path("hook").asString("onRequest"))
                .filter(wanted -> wanted != Hook.SETUP && version.hooks().contains(wanted));
        if (hook.isEmpty()) {
            fault(at + "/hook", "no-such-hook", "the plugin has no hook " + one.path("hook"));
            return;
        }
        List<Fault> wrong = new ArrayList<>();
        JsonNode config = one.path("config");
        Settings settings = version.schema()
                .apply(config.isMissingNode() ? "{}" : config.toString(), name -> Optional.of("secret-" + name), wrong);
        wrong.forEach(fault -> fault(at + "/config" + fault.where(), fault.code(), fault.detail()));
        if (!wrong.isEmpty()) {
            return;
        }
        try (Trial trial = new Trial(runtime, version, settings)) {
            compare(trial.run(hook.get(), sample(one)), one.path("expect"), at);
        } catch (ScriptRefusedException | IllegalArgumentException refused) {
            fault(at, "bad-case", String.valueOf(refused.getMessage()));
        }
    }

    private static PluginTrialRequest sample(JsonNode one) {
        JsonNode request = one.path("request");
        JsonNode response = one.path("response");
        return new PluginTrialRequest(
                "",
                "",
                "",
                "{}",
                request.path("method").asString("GET"),
                request.path("url").asString("/"),
                headers(request),
                body(request),
                response.path("status").asInt(200),
                headers(response),
                body(response));
    }

    private static List<Map.Entry<String, String>> headers(JsonNode message) {
        List<Map.Entry<String, String>> headers = new ArrayList<>();
        message.path("headers")
                .properties()
                .forEach(header ->
                        headers.add(Map.entry(header.getKey(), header.getValue().asString())));
        return headers;
    }

    private static byte[] body(JsonNode message) {
        return message.path("body").asString("").getBytes(StandardCharsets.UTF_8);
    }

    private void compare(PluginTrial trial, JsonNode expected, String at) {
        String outcome = expected.path("outcome").asString("");
        if (!outcome.isEmpty() && !outcome.equals(trial.outcome())) {
            fault(
                    at + "/expect/outcome",
                    "self-test",
                    "found " + trial.outcome()
                            + trial.fault().map(text -> " (" + text + ")").orElse("") + ", wanted " + outcome);
            return;
        }
        JsonNode status = expected.path("status");
        if (!status.isMissingNode()) {
            int found = trial.answer().map(Answer::status).orElse(0);
            check(at + "/expect/status", Integer.toString(found), status.asString());
        }
        for (Map.Entry<String, JsonNode> header : expected.path("headers").properties()) {
            check(
                    at + "/expect/headers/" + header.getKey(),
                    headerOf(trial, header.getKey()),
                    header.getValue().isNull() ? "" : header.getValue().asString());
        }
        JsonNode body = expected.path("body");
        if (!body.isMissingNode()) {
            String found = trial.answer()
                    .map(answer -> new String(answer.body(), StandardCharsets.UTF_8))
                    .orElse("");
            check(at + "/expect/body", found, body.asString());
        }
    }

    private static String headerOf(PluginTrial trial, String name) {
        String wanted = name.toLowerCase(Locale.ROOT);
        List<String> values = new ArrayList<>();
        if (trial.answer().isPresent()) {
            for (Map.Entry<String, String> header : trial.answer().get().headers()) {
                if (header.getKey().toLowerCase(Locale.ROOT).equals(wanted)) {
                    values.add(header.getValue());
                }
            }
        } else {
            for (String line : trial.after().subList(1, trial.after().size())) {
                int colon = line.indexOf(": ");
                if (line.substring(0, colon).toLowerCase(Locale.ROOT).equals(wanted)) {
                    values.add(line.substring(colon + 2));
                }
            }
        }
        return String.join(", ", values);
    }

    private void check(String pointer, String found, String wanted) {
        if (!found.equals(wanted)) {
            fault(pointer, "self-test", "found \"" + found + "\", wanted \"" + wanted + "\"");
        }
    }

    private void fault(String pointer, String code, String detail) {
        faults.add(new Fault(FILE + "#" + pointer, code, detail, Optional.empty()));
    }
}
