package io.penstock.plugin;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.http.StatusReasons;
import io.penstock.plugin.bridge.HostChunk;
import io.penstock.plugin.bridge.HostFields;
import io.penstock.plugin.bridge.HostRequest;
import io.penstock.plugin.bridge.HostResponse;
import io.penstock.plugin.bridge.HostSteering;
import io.penstock.plugin.bridge.HostStore;
import io.penstock.plugin.bridge.ScriptCall;
import io.penstock.plugin.js.Hook;
import io.penstock.spi.Filter;
import io.penstock.spi.Verdict;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.graalvm.polyglot.HostAccess;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The typings say what is there: neither more nor less than hooks find, and the kit's stand-ins have all that the host's have. */
final class TypingsTest {
    private static final Path TYPINGS = Path.of("kit/plugin/index.d.ts");
    private static final Path STAND_INS = Path.of("kit/test/exchange.js");
    private static final Pattern MEMBER = Pattern.compile("^  (?:readonly )?([a-zA-Z]+)\\??[(<:]", Pattern.MULTILINE);
    private static final Pattern METHOD = Pattern.compile("^  ([a-zA-Z]+)\\(", Pattern.MULTILINE);

    // Every member of an object and of what it inherits from, but for what every object has.
    private static final String LOOK = """
            function members(of) {
              const names = new Set();
              for (let at = of; at !== null && at !== Object.prototype; at = Object.getPrototypeOf(at)) {
                Object.getOwnPropertyNames(at).forEach((name) => names.add(name));
              }
              names.delete('constructor');
              return [...names];
            }
            export default {
              setup(config, host) { this.host = members(host); return {}; },
              onRequest(req, ctx) {
                return Response.json({
                  GatewayRequest: members(req), HookContext: members(ctx), Steering: members(ctx.upstream),
                  Store: members(ctx.kv('all')), Headers: members(req.headers), client: members(req.client),
                  vars: members(ctx.vars), log: members(ctx.log), metrics: members(ctx.metrics), Host: this.host,
                });
              },
              onResponse(res) { return Response.json({GatewayResponse: members(res)}); },
            };
            """;

    @TempDir
    private Path folder;

    private PluginHarness harness = new PluginHarness();

    @AfterEach
    void close() {
        harness.close();
    }

    private static Set<String> members(Pattern pattern, String text) {
        Set<String> names = new TreeSet<>();
        for (Matcher matcher = pattern.matcher(text); matcher.find(); ) {
            names.add(matcher.group(1));
        }
        return names;
    }

    private static String block(String text, String head) {
        Matcher matcher = Pattern.compile(
                        "^(?:export )?" + head + "\\b[^{]*\\{\\n(.*?)^\\}", Pattern.MULTILINE | Pattern.DOTALL)
                .matcher(text);
        assertThat(matcher.find()).as(head).isTrue();
        return matcher.group(1);
    }

    private static Set<String> typed(String name) throws Exception {
        return members(MEMBER, block(Files.readString(TYPINGS), "interface " + name));
    }

    private static Set<String> found(JsonNode names) {
        Set<String> found = new TreeSet<>();
        names.forEach(name -> found.add(name.asString("")));
        return found;
    }

    @Test
    void everythingThatHooksFindIsTypedAndNothingElse() throws Exception {
        harness.close();
        harness = PluginHarness.keepingIn(folder);
        Filter filter = harness.plugin("\"permissions\": {\"kv\": [\"all\"]}", LOOK);
        FakeExchange exchange = harness.exchange();

        JsonNode heads = json(filter.onRequest(exchange, exchange));
        JsonNode answers = json(filter.onResponse(exchange.response(), exchange));

        for (String name : Set.of("GatewayRequest", "HookContext", "Steering", "Store", "Host")) {
            assertThat(typed(name)).as(name).isEqualTo(found(heads.path(name)));
        }
        assertThat(typed("GatewayResponse")).isEqualTo(found(answers.path("GatewayResponse")));
        assertThat(found(heads.path("client"))).isEqualTo(inline("client"));
        assertThat(found(heads.path("vars"))).isEqualTo(inline("vars"));
        assertThat(found(heads.path("metrics"))).isEqualTo(inline("metrics"));
        assertThat(found(heads.path("log"))).containsExactlyInAnyOrder("debug", "info", "warn", "error");
        assertThat(found(heads.path("Headers"))).contains("getBytes", "getSetCookie");
    }

    // Members of a type that is written where it is used.
    private static Set<String> inline(String member) throws Exception {
        Matcher matcher = Pattern.compile("^  readonly " + member + ": \\{ (.*) \\};$", Pattern.MULTILINE)
                .matcher(Files.readString(TYPINGS));
        assertThat(matcher.find()).as(member).isTrue();
        Set<String> names = new TreeSet<>();
        for (Matcher part =
                        Pattern.compile("(?:^|; )(?:readonly )?([a-z]+)[(:]").matcher(matcher.group(1));
                part.find(); ) {
            names.add(part.group(1));
        }
        return names;
    }

    private static JsonNode json(Verdict verdict) {
        return JsonMapper.shared().readTree(PluginHarness.bodyOf(verdict));
    }

    @Test
    void everyHookIsTypedAndNoOther() throws Exception {
        Set<String> hooks = new TreeSet<>();
        for (Hook hook : Hook.values()) {
            hooks.add(hook.member());
        }

        assertThat(typed("Plugin")).isEqualTo(hooks);
    }

    @Test
    void theStandInsOfTheKitHaveEveryExportedMember() throws Exception {
        String standIns = Files.readString(STAND_INS);
        Map<String, Class<?>> pairs = Map.of(
                "Call", ScriptCall.class,
                "Fields", HostFields.class,
                "HostRequest", HostRequest.class,
                "HostResponse", HostResponse.class,
                "HostChunk", HostChunk.class,
                "HostSteering", HostSteering.class,
                "HostStore", HostStore.class);
        pairs.forEach((name, type) -> {
            Set<String> exported = new TreeSet<>();
            Arrays.stream(type.getDeclaredMethods())
                    .filter(method -> method.isAnnotationPresent(HostAccess.Export.class))
                    .map(Method::getName)
                    .forEach(exported::add);
            assertThat(members(METHOD, block(standIns, "class " + name)))
                    .as(name)
                    .containsAll(exported);
        });
    }

    @Test
    void theKitTitlesRejectionsAsTheHostDoes() throws Exception {
        Matcher table = Pattern.compile("^const PHRASES = \\{\n(.*?)^\\};", Pattern.MULTILINE | Pattern.DOTALL)
                .matcher(Files.readString(STAND_INS));
        assertThat(table.find()).isTrue();
        Map<Integer, String> titles = new TreeMap<>();
        for (Matcher entry = Pattern.compile("([0-9]{3}): '([^']*)',").matcher(table.group(1)); entry.find(); ) {
            titles.put(Integer.parseInt(entry.group(1)), entry.group(2));
        }

        for (int status = 400; status < 600; status++) {
            assertThat(titles.getOrDefault(status, "Unknown")).as("%d", status).isEqualTo(StatusReasons.of(status));
        }
    }
}
