package io.penstock.plugin;

import io.penstock.mark.WorkerConfined;
import io.penstock.plugin.PluginTests.Outcome;
import io.penstock.plugin.PluginTests.Result;
import io.penstock.plugin.bridge.HostRealm;
import io.penstock.plugin.bridge.HostTests;
import io.penstock.plugin.js.ScriptPackage;
import io.penstock.plugin.js.ScriptRefusedException;
import io.penstock.plugin.js.StackText;
import io.penstock.plugin.js.TestScript;
import io.penstock.spi.Outbound;
import io.penstock.spi.PluginRefusedException.Fault;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.graalvm.polyglot.PolyglotException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * One file of tests, run on one thread. Its script and the plugin's never meet on the stack: what one asks of the other is
 * posted, and done when the asking script has been left.
 */
@WorkerConfined
final class TestFile implements HostTests.Bench {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final long FILE_NS = 300_000_000_000L;

    private final ScriptRuntime runtime;
    private final PluginVersion version;
    private final String path;
    private final Consumer<Result> results;
    private final SetupLoop loop = new SetupLoop();
    private final List<RigGateway> gateways = new ArrayList<>();
    private final Map<Integer, Outbound.Listener> fetches = new HashMap<>();
    private final StackText stacks;
    private final TestScript script;
    private HostTests.FetchListener fetchListener = (gateway, id, json) -> {};
    private int lastFetch;
    private boolean isDone;
    private String fault = "";

    /**
     * Makes one.
     *
     * @param folder all files that tests may import
     * @param results hears of each test
     */
    TestFile(
            ScriptRuntime runtime,
            PluginVersion version,
            Map<String, byte[]> folder,
            String path,
            Consumer<Result> results) {
        this.runtime = runtime;
        this.version = version;
        this.path = path;
        this.results = results;
        this.stacks = new StackText(path, null);
        this.script = TestScript.open(runtime.engine(), new ScriptPackage(path, path, folder));
    }

    /**
     * Runs it.
     *
     * @param console takes lines that the tests write
     */
    void run(Consumer<String> console) {
        TestRealm around = new TestRealm(runtime, loop, this::enter, console);
        HostRealm realm = new HostRealm(around, 0);
        enter(() -> script.run(runtime.engine(), realm, new HostTests(around, this), this::ended));
        if (!loop.runUntil(() -> isDone, System.nanoTime() + FILE_NS)) {
            fault = "the file has not ended after " + FILE_NS / 1_000_000_000 + " s";
        }
        if (!fault.isEmpty()) {
            results.accept(new Result(path, List.of(), Outcome.FAILED, firstLine(fault), place(fault)));
        }
        gateways.forEach(RigGateway::close);
        loop.drain();
        realm.close();
        script.close();
    }

    private void ended(String problem) {
        fault = problem;
        isDone = true;
    }

    private void enter(Runnable piece) {
        try {
            script.resetStatements();
            piece.run();
        } catch (PolyglotException thrown) {
            ended(stacks.of(thrown));
        }
    }

    private static String firstLine(String text) {
        int end = text.indexOf('\n');
        return end < 0 ? text : text.substring(0, end);
    }

    private String place(String stack) {
        String place = TestScript.place(stack);
        return place.isEmpty() ? path : place;
    }

    @Override
    public void report(String json) {
        JsonNode told = JSON.readTree(json);
        List<String> name = new ArrayList<>();
        told.path("path").forEach(part -> name.add(part.asString("")));
        results.accept(new Result(
                path,
                name,
                Outcome.valueOf(told.path("outcome").asString("").toUpperCase(java.util.Locale.ROOT)),
                told.path("message").asString(""),
                place(told.path("stack").asString(""))));
    }

    @Override
    public void onFetch(HostTests.FetchListener listener) {
        fetchListener = listener;
    }

    @Override
    public void ask(String what, String json, HostTests.Answer answer) {
        loop.post(() -> {
            try {
                answer(what, JSON.readTree(json), answer);
            } catch (ScriptRefusedException | IllegalArgumentException | IllegalStateException refused) {
                answer.refused(String.valueOf(refused.getMessage()));
            }
        });
    }

    private void answer(String what, JsonNode question, HostTests.Answer answer) throws ScriptRefusedException {
        if (what.equals("open")) {
            answer.done(open(question).toString());
            return;
        }
        RigGateway gateway = gateway(question.path("gateway").asInt(-1));
        int handle = question.path("handle").asInt(0);
        switch (what) {
            case "begin" ->
                answer.done(JSON.createObjectNode()
                        .put("handle", gateway.begin(question.path("exchange")))
                        .toString());
            case "step" ->
                gateway.step(
                        handle,
                        question.path("name").asString(""),
                        question.path("input"),
                        result -> answer.done(result.toString()));
            // What the exchange left to be done, such as a promise nobody waits for, is done first.
            case "finish" -> loop.post(() -> answer.done(gateway.finish(handle).toString()));
            case "store" ->
                gateway.store(
                        question,
                        value -> answer.done(
                                JSON.createObjectNode().put("value", value).toString()),
                        answer::refused);
            case "tick" -> {
                gateway.worker().advance(question.path("ms").asLong(0));
                answer.done("{}");
            }
            default -> answer.done("{}");
        }
    }

    private RigGateway gateway(int id) {
        if (id < 0 || id >= gateways.size()) {
            throw new IllegalArgumentException("no gateway " + id);
        }
        return gateways.get(id);
    }

    private ObjectNode open(JsonNode options) throws ScriptRefusedException {
        String manifest = options.path("manifest").asString("");
        if (!manifest.equals("plugin.json") && !manifest.endsWith("/plugin.json")) {
            throw new IllegalArgumentException("\"" + manifest + "\" is not the manifest of this plugin, plugin.json");
        }
        List<Fault> faults = new ArrayList<>();
        JsonNode secrets = options.path("secrets");
        Settings config = version.schema()
                .apply(
                        options.path("config").toString(),
                        name -> Optional.ofNullable(secrets.path(name).asString(null)),
                        faults);
        if (!faults.isEmpty()) {
            StringBuilder text = new StringBuilder("config: ");
            faults.forEach(found -> text.append(found.where())
                    .append(": ")
                    .append(found.detail())
                    .append("; "));
            throw new IllegalArgumentException(text.toString());
        }
        int id = gateways.size();
        RigGateway gateway = new RigGateway(
                runtime, version, config, options, loop, (request, listener) -> send(id, request, listener));
        gateways.add(gateway);
        ObjectNode opened = JSON.createObjectNode().put("id", id);
        ArrayNode hooks = opened.putArray("hooks");
        gateway.hooks().forEach(hooks::add);
        return opened;
    }

    private Outbound.Call send(int gateway, Outbound.Request request, Outbound.Listener listener) {
        int id = ++lastFetch;
        fetches.put(id, listener);
        int standard = request.secure() ? 443 : 80;
        String url = (request.secure() ? "https://" : "http://")
                + request.host()
                + (request.port() == standard ? "" : ":" + request.port())
                + request.target();
        ObjectNode sent = JSON.createObjectNode()
                .put("method", request.method())
                .put("url", url)
                .put("body", Base64.getEncoder().encodeToString(request.body()));
        ArrayNode headers = sent.putArray("headers");
        request.headers()
                .forEach(header -> headers.addArray().add(header.getKey()).add(header.getValue()));
        fetchListener.sent(gateway, id, sent.toString());
        return () -> fetches.remove(id);
    }

    @Override
    public void fetched(int gateway, int id, String json) {
        loop.post(() -> {
            Outbound.Listener listener = fetches.remove(id);
            if (listener == null) {
                return;
            }
            JsonNode reply = JSON.readTree(json);
            if (reply.has("fault")) {
                listener.failed("connect-failed", reply.path("fault").asString(""));
                return;
            }
            List<Map.Entry<String, String>> headers = new ArrayList<>();
            reply.path("headers")
                    .forEach(pair -> headers.add(
                            Map.entry(pair.path(0).asString(""), pair.path(1).asString(""))));
            listener.responded(new Outbound.Response(
                    reply.path("status").asInt(200),
                    headers,
                    Base64.getDecoder().decode(reply.path("body").asString(""))));
        });
    }

    @Override
    public double nowMs(int gateway) {
        return gateway(gateway).worker().epochMs();
    }

    @Override
    public String log(int gateway) {
        return gateway(gateway).log();
    }
}
