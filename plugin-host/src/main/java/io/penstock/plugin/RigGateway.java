package io.penstock.plugin;

import io.penstock.config.OnFailure;
import io.penstock.http.Fields;
import io.penstock.mark.WorkerConfined;
import io.penstock.metrics.Reason;
import io.penstock.plugin.budget.WorkerGauge;
import io.penstock.plugin.js.Hook;
import io.penstock.plugin.js.ScriptRefusedException;
import io.penstock.plugin.kv.KeyValues;
import io.penstock.plugin.kv.Operation;
import io.penstock.plugin.kv.TrialStore;
import io.penstock.spi.Answer;
import io.penstock.spi.Outbound;
import io.penstock.spi.PluginLibrary.PluginLogLine;
import io.penstock.spi.ResponseView;
import io.penstock.spi.Verdict;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A gateway with one route, as a test asks for it: the plugin in a context of its own, its store, its clock, and the hooks
 * one by one, called as the engine calls them.
 */
@WorkerConfined
final class RigGateway implements AutoCloseable {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final int LOG_LINES_MAX = 1_000;

    private final ScriptRuntime runtime;
    private final PluginVersion version;
    private final PluginLog log = new PluginLog(System::currentTimeMillis);
    private final WorkerGauge gauge;
    private final RigWorker worker;
    private final TrialStore store;
    private final PluginFilter authenticator;
    private final PluginFilter filter;
    private final boolean isAuthenticator;
    private final Map<Integer, RigExchange> exchanges = new HashMap<>();
    private final Map<Integer, Long> costs = new HashMap<>();
    private int lastHandle;

    /**
     * Opens the context and sets the plugin up.
     *
     * @param outbound takes requests of the plugin's own
     */
    RigGateway(
            ScriptRuntime runtime,
            PluginVersion tested,
            Settings config,
            JsonNode options,
            SetupLoop loop,
            BiFunction<Outbound.Request, Outbound.Listener, Outbound.Call> outbound)
            throws ScriptRefusedException {
        this.runtime = runtime;
        this.log.hide(config.secrets());
        this.version = tested.apart(log);
        this.isAuthenticator = options.path("place")
                .asString(version.hooks().contains(Hook.AUTHENTICATE) ? "auth" : "filters")
                .equals("auth");
        this.worker = new RigWorker(loop, options.path("now").asLong(0), permits(options.path("limits")), outbound);
        this.store = new TrialStore(version.manifest().name(), worker::epochMs);
        keep(options.path("kv"));
        this.gauge = runtime.acquireGauge();
        WorkerScripts scripts = new WorkerScripts(
                runtime, version, worker.id(), gauge, version.hasStore() ? store : null, worker.clock());
        try {
            int binding = scripts.open(config.json());
            this.authenticator = new PluginFilter(scripts, binding, OnFailure.CLOSED, true, null);
            this.filter = new PluginFilter(scripts, binding, version.manifest().onFailure(), false, null);
        } catch (ScriptRefusedException refused) {
            runtime.release(gauge);
            throw refused;
        }
    }

    private static Map<String, RigWorker.Permits> permits(JsonNode limits) {
        Map<String, RigWorker.Permits> permits = new HashMap<>();
        limits.properties()
                .forEach(entry -> permits.put(
                        entry.getKey(),
                        new RigWorker.Permits(
                                entry.getValue().path("permits").asInt(0),
                                entry.getValue().path("periodMs").asLong(1_000))));
        return permits;
    }

    private void keep(JsonNode namespaces) {
        namespaces
                .properties()
                .forEach(namespace -> namespace
                        .getValue()
                        .properties()
                        .forEach(entry -> operate(
                                new Operation.Put(
                                        namespace.getKey(),
                                        entry.getKey(),
                                        entry.getValue().toString(),
                                        0),
                                value -> {},
                                why -> {
                                    throw new IllegalArgumentException("kv: " + why);
                                })));
    }

    private void operate(Operation operation, Consumer<@Nullable String> done, Consumer<String> refused) {
        store.ask(operation, new KeyValues.Answer() {
            @Override
            public void done(@Nullable String value) {
                done.accept(value);
            }

            @Override
            public void refused(String why) {
                refused.accept(why);
            }
        });
    }

    /** An operation of the test's own on the store; as {@code gateway.js} asks for it. */
    void store(JsonNode question, Consumer<@Nullable String> done, Consumer<String> refused) {
        String namespace = question.path("namespace").asString("");
        String key = question.path("key").asString("");
        Operation operation = switch (question.path("what").asString("")) {
            case "put" ->
                new Operation.Put(
                        namespace,
                        key,
                        question.path("value").asString(""),
                        question.path("ttlMs").asLong(0));
            case "delete" -> new Operation.Delete(namespace, key);
            default -> new Operation.Get(namespace, key);
        };
        operate(operation, done, refused);
    }

    List<String> hooks() {
        return version.hooks().stream()
                .filter(hook -> hook != Hook.SETUP && has(hook))
                .sorted()
                .map(Hook::member)
                .toList();
    }

    RigWorker worker() {
        return worker;
    }

    int begin(JsonNode exchange) {
        exchanges.put(++lastHandle, new RigExchange(worker, exchange));
        costs.put(lastHandle, insideNs());
        return lastHandle;
    }

    private RigExchange exchange(int handle) {
        RigExchange exchange = exchanges.get(handle);
        if (exchange == null) {
            throw new IllegalArgumentException("this exchange has ended");
        }
        return exchange;
    }

    /** Takes one step of an exchange; the outcome may come later. */
    void step(int handle, String name, JsonNode input, Consumer<ObjectNode> done) {
        RigExchange exchange = exchange(handle);
        Hook hook = Hook.of(name).orElseThrow(() -> new IllegalArgumentException("no step \"" + name + "\""));
        exchange.call().enter(hook);
        OfflineChunk part = new OfflineChunk(
                Base64.getDecoder().decode(input.path("chunk").asString("")),
                input.path("last").asBoolean(false));
        Fields trailers = new Fields();
        RigExchange.fill(trailers, input.path("trailers"));
        Map<String, Long> faultsBefore = version.faults();
        Consumer<Verdict> ended = verdict -> {
            ObjectNode result = result(verdict);
            fault(faultsBefore).ifPresent(fault -> result.set("fault", fault));
            result.put("chunk", base64(part.bytes()));
            result.set("trailers", RigExchange.pairs(trailers));
            result.set("state", exchange.state());
            done.accept(result);
        };
        Verdict verdict = run(hook, exchange, input, part, trailers);
        if (verdict instanceof Verdict.Suspended) {
            worker.await(exchange.call().ticket(), ended);
        } else {
            ended.accept(verdict);
        }
    }

    private static ObjectNode result(Verdict verdict) {
        ObjectNode result = JSON.createObjectNode();
        switch (verdict) {
            case Verdict.Continue _, Verdict.Suspended _ -> result.put("outcome", "continue");
            case Verdict.Answered(Answer answer) -> {
                ObjectNode given = result.put("outcome", "answered").putObject("answer");
                given.put("status", answer.status()).put("body", base64(answer.body()));
                answer.headers()
                        .forEach(header -> given.withArray("headers")
                                .addArray()
                                .add(header.getKey())
                                .add(header.getValue()));
                given.withArray("headers");
            }
            case Verdict.Failed failed -> result.put("outcome", "failed").put("detail", failed.detail());
        }
        return result;
    }

    private static String base64(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }

    // The fault that a step has added, if it has.
    private Optional<ObjectNode> fault(Map<String, Long> before) {
        for (Map.Entry<String, Long> count : version.faults().entrySet()) {
            if (count.getValue() > before.getOrDefault(count.getKey(), 0L)) {
                String text = version.lastFault();
                return Optional.of(
                        JSON.createObjectNode().put("code", count.getKey()).put("text", text));
            }
        }
        return Optional.empty();
    }

    private Verdict run(Hook hook, RigExchange exchange, JsonNode input, OfflineChunk part, Fields trailers) {
        OfflineExchange call = exchange.call();
        return switch (hook) {
            case AUTHENTICATE -> has(hook) ? authenticator.onRequest(exchange.request(), call) : Verdict.CONTINUE;
            case ON_REQUEST -> isAuthenticator ? Verdict.CONTINUE : filter.onRequest(exchange.request(), call);
            case ON_UPSTREAM_REQUEST ->
                has(hook) ? filter.onUpstreamRequest(exchange.request(), exchange.endpoint(), call) : Verdict.CONTINUE;
            case ON_REQUEST_BODY -> has(hook) ? filter.onRequestBody(part, call) : Verdict.CONTINUE;
            case ON_RESPONSE -> {
                ResponseView head = exchange.respond(input);
                yield isAuthenticator ? Verdict.CONTINUE : filter.onResponse(head, call);
            }
            case ON_RESPONSE_BODY -> has(hook) ? filter.onResponseBody(part, call) : Verdict.CONTINUE;
            case ON_RESPONSE_TRAILERS -> has(hook) ? filter.onResponseTrailers(trailers, call) : Verdict.CONTINUE;
            case ON_ERROR -> {
                if (has(hook)) {
                    filter.onError(reason(input), input.path("detail").asString(""), call);
                }
                yield Verdict.CONTINUE;
            }
            case ON_LOG -> {
                if (has(hook)) {
                    filter.onLog(exchange.summary(input), call);
                }
                yield Verdict.CONTINUE;
            }
            case SETUP, FETCH -> Verdict.CONTINUE;
        };
    }

    private boolean has(Hook hook) {
        // As in a gateway: an entry of auth runs that hook alone, and one of filters all others.
        return (hook == Hook.AUTHENTICATE) == isAuthenticator && version.hooks().contains(hook);
    }

    private static Reason reason(JsonNode input) {
        String wanted = input.path("reason").asString("");
        for (Reason reason : Reason.values()) {
            if (reason.code().equals(wanted)) {
                return reason;
            }
        }
        throw new IllegalArgumentException("no reason \"" + wanted + "\"");
    }

    // Time in all hooks so far, to the two digits that are kept of each.
    private long insideNs() {
        double sum = 0;
        for (Hook hook : version.hooks()) {
            Histogram inside = version.inside(hook);
            sum += inside.getTotalCount() == 0 ? 0 : inside.getMean() * inside.getTotalCount();
        }
        return (long) sum;
    }

    /** What an exchange cost and wrote. */
    ObjectNode finish(int handle) {
        String requestId = exchange(handle).call().requestId();
        exchanges.remove(handle);
        long beforeNs = Objects.requireNonNull(costs.remove(handle));
        ObjectNode result = JSON.createObjectNode().put("cpuMicros", (insideNs() - beforeNs + 999) / 1_000);
        ArrayNode lines = result.putArray("log");
        for (PluginLogLine line : log.last(LOG_LINES_MAX)) {
            if (line.requestId().equals(requestId)) {
                lines.add(node(line));
            }
        }
        return result;
    }

    /** All that the plugin wrote, as JSON text. */
    String log() {
        ArrayNode lines = JSON.createArrayNode();
        log.last(LOG_LINES_MAX).forEach(line -> lines.add(node(line)));
        return lines.toString();
    }

    private static ObjectNode node(PluginLogLine line) {
        return JSON.createObjectNode()
                .put("level", line.level())
                .put("requestId", line.requestId())
                .put("text", line.text());
    }

    @Override
    public void close() {
        filter.close();
        runtime.release(gauge);
    }
}
