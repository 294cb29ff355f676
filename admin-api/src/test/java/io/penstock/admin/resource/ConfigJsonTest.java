package io.penstock.admin.resource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.penstock.admin.revision.ConfigParts;
import io.penstock.config.AccessConfig;
import io.penstock.config.AccessLogConfig;
import io.penstock.config.AllOfAuthConfig;
import io.penstock.config.ApiKeyAuthConfig;
import io.penstock.config.Cidr;
import io.penstock.config.ConfigProblem;
import io.penstock.config.CorsConfig;
import io.penstock.config.ErrorPageConfig;
import io.penstock.config.FaultAbort;
import io.penstock.config.FaultDelay;
import io.penstock.config.FaultFilterConfig;
import io.penstock.config.FieldMatch;
import io.penstock.config.HeaderEdits;
import io.penstock.config.HeadersFilterConfig;
import io.penstock.config.ListenAddress;
import io.penstock.config.ListenerConfig;
import io.penstock.config.MaintenanceConfig;
import io.penstock.config.PathEdit;
import io.penstock.config.PathMatch;
import io.penstock.config.PolicyConfig;
import io.penstock.config.ProxyConfig;
import io.penstock.config.Resource;
import io.penstock.config.ResourceType;
import io.penstock.config.RespondConfig;
import io.penstock.config.RewriteFilterConfig;
import io.penstock.config.RouteConfig;
import io.penstock.config.RouteMatch;
import io.penstock.config.ServiceConfig;
import io.penstock.config.Setting;
import io.penstock.config.Share;
import io.penstock.config.TargetConfig;
import io.penstock.config.UpstreamConfig;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ConfigJsonTest {
    private static final String HEAD = "apiVersion: penstock/v1\n";

    static final ProxyConfig RICH = ProxyConfig.initial()
            .with(ListenerConfig.named("web", ListenAddress.parse("127.0.0.1:18080"))
                    .http2(true)
                    .build())
            .with(UpstreamConfig.named("orders")
                    .targets(TargetConfig.of("10.0.0.7:8080"), TargetConfig.of("[2001:db8::1]:80"))
                    .build())
            .with(ServiceConfig.named("orders", "orders").tags("team=shop").build())
            .with(ErrorPageConfig.named("brand")
                    .covers("404", "5xx", "reason:rate-limited")
                    .html("<p>{status}</p>")
                    .upstream(true)
                    .build())
            .with(PolicyConfig.named("partner")
                    .errorPages(Setting.of(List.of("brand")))
                    .maintenance(Setting.of(MaintenanceConfig.DEFAULTS))
                    .auth(AllOfAuthConfig.of(ApiKeyAuthConfig.inHeader("K"), ApiKeyAuthConfig.inQuery("k")))
                    .filters(new FaultFilterConfig(
                            Optional.of(new FaultDelay(Duration.ofMillis(20), Share.parse("5%"))),
                            Optional.of(new FaultAbort(503, Share.parse("1%"))),
                            Optional.of(FieldMatch.present("X-Fault")),
                            true))
                    .cors(Setting.of(CorsConfig.of("https://*.shop.example")))
                    .access(Setting.of(
                            new AccessConfig(List.of(Cidr.parse("10.0.0.0/8")), List.of(Cidr.parse("10.0.9.0/24")))))
                    .build())
            .with(RouteConfig.named("orders")
                    .matches(new RouteMatch(
                            List.of("*.shop.example"),
                            PathMatch.prefix("/orders"),
                            List.of("GET"),
                            List.of(FieldMatch.exact("x-beta", "2")),
                            List.of(),
                            List.of()))
                    .service("orders")
                    .filters(
                            new RewriteFilterConfig(Optional.of(PathEdit.strip("/orders")), Optional.empty()),
                            new HeadersFilterConfig(
                                    new HeaderEdits(Map.of("X-Env", "no"), Map.of(), List.of("X-Debug")),
                                    HeaderEdits.DEFAULTS))
                    .note("a: b # c\nsecond line, \"quoted\" é\u2028")
                    .build())
            .with(RouteConfig.named("hello")
                    .access(Setting.none())
                    .respond(new RespondConfig(200, Optional.of("~"), "text/plain", Map.of("x", "0x10", "y", "1_0")))
                    .build());

    private static ConfigJson.Bound<ConfigDocument> load(String yaml) {
        return new DocumentLoader(JsonBounds.DOCUMENT, Optional.empty())
                .load((HEAD + yaml).getBytes(StandardCharsets.UTF_8));
    }

    private static List<Fault> faults(String yaml) {
        return ((ConfigJson.Bad<ConfigDocument>) load(yaml)).faults();
    }

    @Nested
    class Records {
        private final ConfigJson json = new ConfigJson();

        @ParameterizedTest
        @EnumSource(ResourceType.class)
        void comeBackEqualFromTheirCanonicalText(ResourceType type) {
            for (Resource resource : RICH.all(type)) {
                Record record = (Record) resource;

                assertThat(json.fromJson(ConfigParts.key(resource), json.toJson(record)))
                        .isEqualTo(record);
                assertThat(json.toJson(record)).doesNotContain("\n");
            }
        }

        @Test
        void haveMembersThatJavaKeepsForItself() throws UnreadableTextException {
            var body = JsonText.read("{\"for\":[404,\"5xx\"],\"html\":\"x\"}", JsonBounds.RESOURCE);

            assertThat(ConfigJson.bindResource(ResourceType.ERROR_PAGES, "p", body)
                            .found())
                    .contains(ErrorPageConfig.named("p")
                            .covers("404", "5xx")
                            .html("x")
                            .build());
        }

        @Test
        void tellNullFromNothing() throws UnreadableTextException {
            for (String text : List.of("{\"upstream\":\"u\",\"cors\":null}", "{\"upstream\":\"u\"}")) {
                var service = (ServiceConfig)
                        ConfigJson.bindResource(ResourceType.SERVICES, "s", JsonText.read(text, JsonBounds.RESOURCE))
                                .found()
                                .orElseThrow();

                assertThat(service.cors()).isEqualTo(text.contains("null") ? Setting.none() : Setting.inherited());
                assertThat(ConfigJson.writeBrief(service).has("cors")).isEqualTo(text.contains("null"));
            }
        }

        @Test
        void areWrittenWithTheirDefaults() {
            String text = json.toJson(RICH.listeners().find("web").orElseThrow());

            assertThat(text)
                    .startsWith(
                            "{\"name\":\"web\",\"address\":\"127.0.0.1:18080\",\"protocol\":\"http\",\"http2\":true,")
                    .contains("\"headBytes\":\"64KiB\"", "\"keepAlive\":\"1m\"", "\"enabled\":true")
                    .doesNotContain("newPerSecond", "note", "owner");
        }

        @Test
        void areWrittenBrieflyWithoutWhatADefaultSays() {
            assertThat(ConfigJson.writeBrief(RICH.services().find("orders").orElseThrow()))
                    .hasToString("{\"name\":\"orders\",\"upstream\":\"orders\",\"tags\":[\"team=shop\"]}");
        }

        @Test
        void takeTheirNameFromThePathAndRefuseAnother() throws UnreadableTextException {
            var body = JsonText.read("{\"upstream\":\"a\",\"name\":\"y\"}", JsonBounds.RESOURCE);

            assertThat(ConfigJson.bindResource(ResourceType.SERVICES, "y", body).found())
                    .contains(ServiceConfig.named("y", "a").build());
            assertThat(((ConfigJson.Bad<Resource>) ConfigJson.bindResource(ResourceType.SERVICES, "x", body)).faults())
                    .extracting(Fault::pointer)
                    .containsExactly("/name");
        }

        @Test
        void sayWhyAStoredTextIsNone() {
            assertThatThrownBy(() -> json.fromJson(ConfigParts.key(ResourceType.SERVICES, "a"), "{\"name\":\"a\"}"))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("\"upstream\" is missing");
        }
    }

    @Nested
    class Documents {
        @Test
        void comeBackEqualFromJsonAndYamlFullAndBrief() throws IOException {
            for (DocumentWriter writer :
                    List.of(DocumentWriter.full(each -> true), DocumentWriter.brief(each -> true))) {
                ByteArrayOutputStream json = new ByteArrayOutputStream();
                ByteArrayOutputStream yaml = new ByteArrayOutputStream();
                writer.json(RICH, json);
                writer.yaml(RICH, yaml);

                DocumentLoader loader = new DocumentLoader(JsonBounds.DOCUMENT, Optional.empty());
                assertThat(loader.load(json.toByteArray()).found().map(ConfigDocument::toConfig))
                        .contains(RICH);
                assertThat(loader.load(yaml.toByteArray()).found().map(ConfigDocument::toConfig))
                        .as(yaml.toString(StandardCharsets.UTF_8))
                        .contains(RICH);
            }
        }

        @Test
        void keepTheAbsenceOfTheGrantThatOpensTheNetwork() throws IOException {
            ProxyConfig closed = RICH.without(ResourceType.BACKEND_GRANTS, "default-any");
            ByteArrayOutputStream yaml = new ByteArrayOutputStream();

            DocumentWriter.brief(each -> true).yaml(closed, yaml);

            assertThat(yaml.toString(StandardCharsets.UTF_8)).contains("backendGrants: []");
            assertThat(new DocumentLoader(JsonBounds.DOCUMENT, Optional.empty())
                            .load(yaml.toByteArray())
                            .found()
                            .map(ConfigDocument::toConfig))
                    .contains(closed);
        }

        @Test
        void tellEveryFaultAtOnceWithItsPlace() {
            List<Fault> faults = faults("""
                    routes:
                      - {name: a, servce: x, priority: high, filters: [{type: rewirte}]}
                      - name: b
                        matches: [{path: {type: prefx}, sources: [10.0.0.0/40]}]
                      - {name: b, cache: {}}
                    upstreams: {}
                    """);

            assertThat(faults)
                    .extracting(Fault::pointer, Fault::code)
                    .containsExactlyInAnyOrder(
                            tuple("/routes/0/servce", ConfigProblem.UNKNOWN_MEMBER),
                            tuple("/routes/0/priority", Fault.WRONG_TYPE),
                            tuple("/routes/0/filters/0/type", ConfigProblem.BAD_VALUE),
                            tuple("/routes/1/matches/0/path/type", ConfigProblem.BAD_VALUE),
                            tuple("/routes/1/matches/0/sources/0", ConfigProblem.BAD_VALUE),
                            tuple("/routes/2/name", ConfigProblem.DUPLICATE),
                            tuple("/routes/2/cache", ConfigProblem.NOT_IN_THIS_VERSION),
                            tuple("/upstreams", Fault.WRONG_TYPE));
            assertThat(faults)
                    .filteredOn(fault -> fault.pointer().equals("/routes/0/servce"))
                    .singleElement()
                    .satisfies(fault -> {
                        assertThat(fault.hint()).contains("did you mean \"service\"?");
                        assertThat(fault.position()).contains(new TextPosition(3, 15));
                    });
        }

        @Test
        void refuseOneNameTwiceAndSayWhereTheFirstIs() {
            assertThat(faults("networks: [{name: a}, {name: b}, {name: a}]"))
                    .singleElement()
                    .satisfies(fault -> {
                        assertThat(fault.code()).isEqualTo(ConfigProblem.DUPLICATE);
                        assertThat(fault.pointer()).isEqualTo("/networks/2/name");
                        assertThat(fault.detail()).contains("/networks/0");
                    });
        }

        @Test
        void tellWhatTheRecordsRefuseTogetherWithWhatTheBinderRefuses() {
            assertThat(faults("accessLogs: [{name: a, keep: 0, maxBytes: 1, formt: json}]"))
                    .extracting(Fault::pointer)
                    .containsExactlyInAnyOrder("/accessLogs/0/formt", "/accessLogs/0/maxBytes", "/accessLogs/0/keep");
        }

        @Test
        void needTheirVersion() {
            ConfigJson.Bound<ConfigDocument> bound = new DocumentLoader(JsonBounds.DOCUMENT, Optional.empty())
                    .load("apiVersion: penstock/v2".getBytes(StandardCharsets.UTF_8));

            assertThat(((ConfigJson.Bad<ConfigDocument>) bound).faults())
                    .singleElement()
                    .satisfies(
                            fault -> assertThat(fault.text())
                                    .isEqualTo(
                                            "line 1, column 1: /apiVersion: found the text \"penstock/v2\", wanted \"penstock/v1\""));
        }

        @Test
        void areStampedWithTheirOwner() {
            ConfigDocument document = load("owner: team-pay\nnetworks: [{name: a}, {name: b, owner: other}]")
                    .found()
                    .orElseThrow();

            assertThat(document.resources())
                    .extracting(Resource::owner)
                    .containsExactly(Optional.of("team-pay"), Optional.of("other"));
        }

        @Test
        void areOverlaidByName() {
            ConfigDocument base =
                    load("networks: [{name: a, note: one}, {name: b}]").found().orElseThrow();
            ConfigDocument prod =
                    load("networks: [{name: a, note: two}]").found().orElseThrow();

            assertThat(DocumentLoader.overlay(List.of(base, prod)).resources())
                    .extracting(Resource::name, Resource::note)
                    .containsExactly(tuple("a", Optional.of("two")), tuple("b", Optional.empty()));
        }
    }

    @Nested
    class References {
        private static final String DOCUMENT =
                "routes: [{name: a, respond: {body: {file: hello.txt}}, note: {env: NOTE}}]";

        @Test
        void areRefusedWhereNothingMayBeRead() {
            assertThat(faults(DOCUMENT)).hasSize(2).allSatisfy(fault -> {
                assertThat(fault.code()).isEqualTo(ConfigProblem.NOT_READ_HERE);
                assertThat(fault.hint())
                        .hasValueSatisfying(hint -> assertThat(hint).contains("penstock apply"));
            });
        }

        @Test
        void areReadByTheOneWhoBringsAResolver() {
            ValueResolver resolver = new ValueResolver() {
                @Override
                public String file(String path) {
                    return "content of " + path;
                }

                @Override
                public String env(String variable) {
                    throw new IllegalArgumentException(variable + " is not set");
                }
            };

            ConfigJson.Bound<ConfigDocument> bound = new DocumentLoader(JsonBounds.DOCUMENT, Optional.of(resolver))
                    .load((HEAD + DOCUMENT).getBytes(StandardCharsets.UTF_8));

            assertThat(((ConfigJson.Bad<ConfigDocument>) bound).faults())
                    .singleElement()
                    .satisfies(fault -> assertThat(fault.text())
                            .isEqualTo("line 2, column 63: /routes/0/note/env: NOTE is not set"));
        }

        @Test
        void areNotMistakenForALogFile() {
            assertThat(load("accessLogs: [{name: a, sink: {file: a.log}}]")
                            .found()
                            .orElseThrow()
                            .resources())
                    .singleElement()
                    .satisfies(log ->
                            assertThat(((AccessLogConfig) log).sink().file()).contains("a.log"));
        }
    }

    @Nested
    class HostileTexts {
        @ParameterizedTest
        @ValueSource(
                strings = {
                    "{\"a\":1,\"a\":2}",
                    "{\"a\":1} x",
                    "{\"a\":01}",
                    "{a:1}",
                    "{\"a\":NaN}",
                    "[1,]",
                    "",
                    "{\"a\":\"\u0001\"}",
                    "{\"a\":1e999999999999999999999999999999999999999999999999999999999999999999999}"
                })
        void ofJsonAreRefusedWithoutTheNameOfAClass(String text) {
            assertThatThrownBy(() -> JsonText.read(text.getBytes(StandardCharsets.UTF_8), JsonBounds.RESOURCE))
                    .isInstanceOfSatisfying(
                            UnreadableTextException.class,
                            refused -> assertThat(refused.fault().text())
                                    .doesNotContainIgnoringCase("jackson")
                                    .doesNotContain("java", "Constraints", "Feature", "`"));
        }

        @Test
        void ofBytesThatAreNotUtf8AreRefused() {
            byte[] bytes = {'"', (byte) 0xc0, (byte) 0xaf, '"'};

            assertThatThrownBy(() -> JsonText.read(bytes, JsonBounds.RESOURCE)).hasMessageContaining("not UTF-8");
        }

        @ParameterizedTest
        @ValueSource(strings = {"[", "{\"a\":"})
        void thatAreAMegabyteOfBracketsAreRefusedEarly(String bracket) {
            byte[] bytes = bracket.repeat(1_000_000 / bracket.length()).getBytes(StandardCharsets.UTF_8);

            assertThatThrownBy(() -> JsonText.read(bytes, JsonBounds.RESOURCE))
                    .hasMessageContaining("nested deeper than 64 levels");
            assertThatThrownBy(() -> YamlText.read(bytes, JsonBounds.DOCUMENT))
                    .isInstanceOf(UnreadableTextException.class);
        }

        @Test
        void thatHoldTooManyItemsAreRefused() {
            byte[] bytes = ("[" + "0,".repeat(200_000) + "0]").getBytes(StandardCharsets.UTF_8);

            assertThatThrownBy(() -> JsonText.read(bytes, JsonBounds.RESOURCE))
                    .hasMessageContaining("more than 100000 members and elements");
        }

        @Test
        void thatUnfoldByAliasesAreRefused() {
            StringBuilder bomb = new StringBuilder("a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n");
            for (int i = 1; i < 12; i++) {
                bomb.append("a" + i + ": &a" + i + " [" + ("*a" + (i - 1) + ",").repeat(10) + "]\n");
            }

            assertThatThrownBy(
                            () -> YamlText.read(bomb.toString().getBytes(StandardCharsets.UTF_8), JsonBounds.DOCUMENT))
                    .hasMessageContaining("more than");
        }

        @ParameterizedTest
        @ValueSource(
                strings = {"a: 1\na: 2", "a: !!java/object x", "a: [", "--- a\n--- b", "? [x]\n: y", "a: *b", "\ta: 1"})
        void ofYamlAreRefusedWithTheirPlace(String text) {
            assertThatThrownBy(() -> YamlText.read(text.getBytes(StandardCharsets.UTF_8), JsonBounds.DOCUMENT))
                    .isInstanceOfSatisfying(
                            UnreadableTextException.class,
                            refused -> assertThat(refused.fault().position()).isPresent());
        }

        @Test
        void doNotMakeTruthOrNumbersOfPlainYamlWords() throws UnreadableTextException {
            assertThat(YamlText.read(
                            "[no, on, 1_000, 0o17, 0x1F, 1e3, ~, 2001-01-01]".getBytes(StandardCharsets.UTF_8),
                            JsonBounds.DOCUMENT))
                    .hasToString("[\"no\",\"on\",\"1_000\",15,31,1000.0,null,\"2001-01-01\"]");
        }
    }
}
