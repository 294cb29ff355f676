package io.penstock.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

final class ConfigValidatorTest {
    private static final ProxyConfig VALID = ProxyConfig.initial()
            .with(List.of(
                    ListenerConfig.named("web", ListenAddress.parse("127.0.0.1:80"))
                            .build(),
                    UpstreamConfig.named("orders")
                            .targets(TargetConfig.of("10.0.0.7:8080"))
                            .build(),
                    ServiceConfig.named("orders", "orders").build(),
                    LimitConfig.named("per-client", Rate.parse("100/s"))
                            .key("clientAddress")
                            .build(),
                    PolicyConfig.named("partner").limits("per-client").build(),
                    route(PathMatch.prefix("/"))
                            .name("orders")
                            .service("orders")
                            .policies("partner")
                            .build()));

    @Test
    void acceptsWhatMayBeServed() {
        assertThat(problems(VALID)).isEmpty();
        assertThat(ConfigValidator.validate(ProxyConfig.empty(), ProxyConfig.initial()))
                .isEmpty();
    }

    @Test
    void reportsEveryFaultAtOnce() {
        ProxyConfig config = VALID.with(route(PathMatch.prefix("orders"))
                        .name("bad")
                        .service("order")
                        .limits("absent")
                        .respond(RespondConfig.DEFAULTS)
                        .build())
                .with(ServiceConfig.named("s", "nowhere").build());

        assertThat(problems(config))
                .containsExactlyInAnyOrder(
                        "/services/s/upstream unknown-reference",
                        "/routes/bad exactly-one",
                        "/routes/bad/matches/0/path/value not-canonical",
                        "/routes/bad/service unknown-reference",
                        "/routes/bad/limits/0 unknown-reference");
    }

    @Test
    void stopsAtItsBound() {
        List<Resource> routes = new ArrayList<>();
        for (int i = 0; i < 1500; i++) {
            routes.add(
                    route(PathMatch.prefix("/")).name("r" + i).service("absent").build());
        }

        assertThat(ConfigValidator.validate(VALID, VALID.with(routes))).hasSize(1000);
    }

    @Nested
    final class OfReferences {
        @Test
        void namesWhatIsKnownAndGuessesWhatWasMeant() {
            ProxyConfig config = VALID.with(ServiceConfig.named("web", "orders").build())
                    .with(route(PathMatch.prefix("/")).service("oders").build());

            assertThat(ConfigValidator.validate(VALID, config)).singleElement().satisfies(problem -> {
                assertThat(problem.resource()).isEqualTo(ResourceRef.of(ResourceType.ROUTES, "r"));
                assertThat(problem.pointer()).isEqualTo("/service");
                assertThat(problem.detail()).isEqualTo("service \"oders\" is not defined; known: \"orders\", \"web\"");
                assertThat(problem.hint())
                        .contains("did you mean \"orders\"? Else define it under services, or change the route");
            });
        }

        @Test
        void refusesToRemoveWhatIsStillUsedAndListsByWhom() {
            ProxyConfig config = VALID.without(ResourceType.SERVICES, "orders")
                    .without(ResourceType.LIMITS, "per-client")
                    .without(ResourceType.NETWORKS, "default");

            assertThat(ConfigValidator.validate(VALID, config))
                    .extracting(problem -> problem.code() + ": " + problem.detail())
                    .containsExactly(
                            "in-use: service \"orders\" is still used by route \"orders\" (/service)",
                            "in-use: limit \"per-client\" is still used by policy \"partner\" (/limits/0)",
                            "in-use: network \"default\" is still used by listener \"web\" (/networks/0),"
                                    + " upstream \"orders\" (/network), backend grant \"default-any\" (/network)");
        }

        @Test
        void acceptsARemovalTogetherWithItsLastUse() {
            ProxyConfig config = VALID.without(ResourceType.SERVICES, "orders").without(ResourceType.ROUTES, "orders");

            assertThat(problems(config)).isEmpty();
        }

        @Test
        void reportsARemovalOnceIfItsUserChangedToo() {
            ProxyConfig config = VALID.without(ResourceType.SERVICES, "orders")
                    .with(VALID.routes().find("orders").orElseThrow().toBuilder()
                            .priority(1)
                            .build());

            assertThat(problems(config)).containsExactly("/routes/orders/service unknown-reference");
        }

        @Test
        void looksAtTheDefaultsToo() {
            Defaults defaults =
                    Defaults.DEFAULTS.toBuilder().limits("per-client", "x").build();

            assertThat(problems(VALID.withDefaults(defaults))).containsExactly("/defaults/limits/1 unknown-reference");
        }

        @Test
        void findsEveryUseOfAResource() {
            assertThat(References.usedBy(VALID, ResourceType.LIMITS, "per-client"))
                    .containsExactly(new ResourceUse(ResourceRef.of(ResourceType.POLICIES, "partner"), "/limits/0"));
            assertThat(References.usedBy(VALID, ResourceType.UPSTREAMS, "orders"))
                    .containsExactly(new ResourceUse(ResourceRef.of(ResourceType.SERVICES, "orders"), "/upstream"));
            assertThat(References.usedBy(VALID, ResourceType.ROUTES, "orders")).isEmpty();
        }
    }

    @Nested
    final class OfListeners {
        @Test
        void refusesAddressesThatOverlap() {
            ProxyConfig config = VALID.with(listener("any", "0.0.0.0:80").build())
                    .with(listener("six", "[::1]:80").build())
                    .with(listener("zsame", "127.0.0.1:80").build());

            assertThat(ConfigValidator.validate(VALID, config))
                    .extracting(problem -> problem.documentPointer() + " " + problem.detail())
                    .containsExactly(
                            "/listeners/web/address \"127.0.0.1:80\" overlaps \"0.0.0.0:80\" of listener \"any\"",
                            "/listeners/zsame/address \"127.0.0.1:80\" overlaps \"0.0.0.0:80\" of listener \"any\"");
        }

        @Test
        void allowsTheSameAddressToOneThatIsDisabled() {
            assertThat(problems(VALID.with(
                            listener("any", "0.0.0.0:80").enabled(false).build())))
                    .isEmpty();
        }

        @Test
        void warnsOfWhatHasNoEffectYet() {
            ProxyConfig config = VALID.with(listener("h2", "0.0.0.0:81")
                    .clientAddress(new ClientAddressConfig(ClientAddressSource.X_FORWARDED_FOR, List.of()))
                    .build());

            assertThat(problems(config)).isEmpty();
            assertThat(ConfigValidator.warnings(VALID, config))
                    .extracting(warning -> warning.pointer() + " " + warning.code())
                    .containsExactly("/clientAddress/trusted not-in-effect");
        }
    }

    @Nested
    final class OfPaths {
        @Test
        void namesTheCanonicalSpelling() {
            Map.of(
                            "/a%41", "/aA",
                            "/a%2f", "/a%2F",
                            "//a", "/a",
                            "/a/../b", "/b",
                            "/a/.", "/a/",
                            "/ü x", "/%C3%BC%20x",
                            "a", "/a",
                            "/{x}", "/%7Bx%7D")
                    .forEach((written, canonical) -> assertThat(
                                    ConfigValidator.validate(VALID, with(PathMatch.exact(written))))
                            .as(written)
                            .singleElement()
                            .satisfies(problem -> {
                                assertThat(problem.code()).isEqualTo(ConfigProblem.NOT_CANONICAL);
                                assertThat(problem.hint()).contains("write \"" + canonical + "\"");
                            }));
        }

        @Test
        void refusesWhatHasNone() {
            for (String path :
                    List.of("", "/%00", "/%zz", "/%4", "/a?b", "/a#b", "/a\\b", "/..", "/..;/a", "/\n", "/%２0")) {
                assertThat(problems(with(PathMatch.exact(path))))
                        .as(path)
                        .containsExactly("/routes/r/matches/0/path/value bad-value");
            }
        }

        @Test
        void acceptsTheCanonicalOnes() {
            for (PathMatch path : List.of(
                    PathMatch.exact("/"),
                    PathMatch.exact("*"),
                    PathMatch.exact("/a/b%2Fc/~x/@:!$&'()*+,;="),
                    PathMatch.prefix("/orders"),
                    PathMatch.prefix("/orders/"),
                    PathMatch.template("/users/{id}/orders/{rest...}"),
                    PathMatch.regex("/orders/[0-9]{1,8}"))) {
                assertThat(problems(with(path))).as(path.value()).isEmpty();
            }
        }

        @Test
        void refusesTemplatesThatCannotBeTakenApart() {
            for (String template : List.of(
                    "/{a}x", "/{}", "/{a}/{a}", "/{rest...}/x", "/{a b}", "users/{id}", "/a//{id}", "/%41/{id}")) {
                assertThat(problems(with(PathMatch.template(template))))
                        .as(template)
                        .hasSize(1);
            }
        }

        @Test
        void refusesExpressionsThatDoNotCompileOrGrowTooLarge() {
            for (String regex :
                    List.of("/(", "/a(?=b)", "/((a{100}){100}){100}", "/(a{1000}\\Q))\\E){1000}", "/".repeat(5000))) {
                assertThat(problems(with(PathMatch.regex(regex)))).as(regex).hasSize(1);
            }
        }

        @Test
        void boundsTheSizeOfExpressionsFromAbove() {
            assertThat(RegexGrammar.programSize("a{10}")).isBetween(10L, 20L);
            assertThat(RegexGrammar.programSize("(ab){10}c")).isBetween(21L, 40L);
            assertThat(RegexGrammar.programSize("[a-z{1000}]\\x{1000}\\{1000}")).isLessThan(40L);
        }
    }

    @Nested
    final class OfMatches {
        @Test
        void checksHostsMethodsFieldsAndQueries() {
            RouteMatch match = new RouteMatch(
                    List.of("Shop.Example", "shop.example:80", "*", "*.ok.example", "a.*.b", "[::1]", "bücher.example"),
                    PathMatch.DEFAULTS,
                    List.of("GET", "post", "B AD", "GET"),
                    List.of(
                            FieldMatch.exact("X-A", "1"),
                            FieldMatch.exact("X A", "a\r\nb"),
                            FieldMatch.regex("X-R", "("),
                            new FieldMatch("X-V", FieldMatchType.EXACT, Optional.empty()),
                            new FieldMatch("X-P", FieldMatchType.PRESENT, Optional.of("x"))),
                    List.of(FieldMatch.present("")),
                    List.of());

            assertThat(problems(VALID.with(RouteConfig.named("r")
                            .service("orders")
                            .matches(match)
                            .build())))
                    .containsExactlyInAnyOrder(
                            "/routes/r/matches/0/hosts/0 not-canonical",
                            "/routes/r/matches/0/hosts/1 bad-value",
                            "/routes/r/matches/0/hosts/2 bad-value",
                            "/routes/r/matches/0/hosts/4 bad-value",
                            "/routes/r/matches/0/hosts/6 not-canonical",
                            "/routes/r/matches/0/methods/1 not-canonical",
                            "/routes/r/matches/0/methods/2 bad-value",
                            "/routes/r/matches/0/methods/3 duplicate",
                            "/routes/r/matches/0/headers/1/name bad-value",
                            "/routes/r/matches/0/headers/1/value bad-value",
                            "/routes/r/matches/0/headers/2/value bad-value",
                            "/routes/r/matches/0/headers/3/value required",
                            "/routes/r/matches/0/headers/4/value bad-value",
                            "/routes/r/matches/0/query/0/name bad-value");
        }

        @Test
        void wantsAtLeastOneWayIn() {
            assertThat(problems(
                            VALID.with(RouteConfig.named("r").service("orders").build())))
                    .containsExactly("/routes/r/matches required");
        }
    }

    @Nested
    final class OfFilters {
        @Test
        void refusesFieldsThatCouldSplitOrFrameAMessage() {
            HeaderEdits edits = new HeaderEdits(
                    Map.of("X-A", "a\r\nX: y", "Content-Length", "1"), Map.of("Bad Name", "x"), List.of("Host"));

            assertThat(problems(VALID.with(route(PathMatch.prefix("/"))
                            .service("orders")
                            .filters(new HeadersFilterConfig(edits, edits))
                            .build())))
                    .containsExactlyInAnyOrder(
                            "/routes/r/filters/0/request/set/X-A bad-value",
                            "/routes/r/filters/0/request/set/Content-Length bad-value",
                            "/routes/r/filters/0/request/add/Bad Name bad-value",
                            "/routes/r/filters/0/request/remove/0 bad-value",
                            "/routes/r/filters/0/response/set/X-A bad-value",
                            "/routes/r/filters/0/response/set/Content-Length bad-value",
                            "/routes/r/filters/0/response/add/Bad Name bad-value");
        }

        @Test
        void wantsExactlyOnePathEdit() {
            PathEdit both = new PathEdit(Optional.of("/a"), Optional.empty(), Optional.of("/b"));

            assertThat(problems(with(new RewriteFilterConfig(Optional.of(both), Optional.empty()))))
                    .containsExactly("/routes/r/filters/0/path exactly-one");
            assertThat(problems(with(new RewriteFilterConfig(Optional.empty(), Optional.empty()))))
                    .containsExactly("/routes/r/filters/0 required");
        }

        @Test
        void letsARewriteUseOnlyParametersThatTheRouteGives() {
            RewriteFilterConfig rewrite =
                    new RewriteFilterConfig(Optional.of(PathEdit.to("/v2/{id}")), Optional.empty());

            assertThat(problems(with(rewrite))).containsExactly("/routes/r/filters/0/path/set unknown-reference");
            assertThat(problems(VALID.with(route(PathMatch.template("/v1/{id}"))
                            .service("orders")
                            .filters(rewrite)
                            .build())))
                    .isEmpty();
        }
    }

    @Test
    void refusesAnswersThatMakeNoSense() {
        RespondConfig respond = new RespondConfig(204, Optional.of("body"), "text/plain\n", Map.of("Upgrade", "x"));

        assertThat(problems(
                        VALID.with(route(PathMatch.prefix("/")).respond(respond).build())
                                .with(route(PathMatch.prefix("/"))
                                        .name("z")
                                        .redirect(RedirectConfig.DEFAULTS)
                                        .build())))
                .containsExactlyInAnyOrder(
                        "/routes/r/respond/contentType bad-value",
                        "/routes/r/respond/headers/Upgrade bad-value",
                        "/routes/r/respond/body bad-value",
                        "/routes/z/redirect required");
    }

    @Test
    void checksTargetsGrantsAndAccessLogs() {
        ProxyConfig config = VALID.with(UpstreamConfig.named("u")
                        .targets(TargetConfig.of("10.0.0.1:80"), TargetConfig.of("10.0.0.1:80"))
                        .build())
                .with(BackendGrantConfig.named("g").ports("0", "80-70", "443").build())
                .with(AccessLogConfig.named("a")
                        .format("jsn")
                        .sink(new AccessLogSink(Optional.of("../x")))
                        .build())
                .with(AccessLogConfig.named("b")
                        .format("{method} {path}")
                        .sink(new AccessLogSink(Optional.of("access.log")))
                        .build());

        assertThat(problems(config))
                .containsExactlyInAnyOrder(
                        "/upstreams/u/targets/1/address duplicate",
                        "/backendGrants/g/addresses required",
                        "/backendGrants/g/ports/0 bad-value",
                        "/backendGrants/g/ports/1 bad-value",
                        "/accessLogs/a/format bad-value",
                        "/accessLogs/a/sink/file bad-value",
                        "/accessLogs/b/sink/file duplicate");
    }

    @Nested
    final class WithAHundredThousandRoutes {
        private static final ProxyConfig LARGE = VALID.without(ResourceType.ROUTES, "orders")
                .with(IntStream.range(0, 100_000)
                        .mapToObj(i -> route(PathMatch.exact("/r" + i))
                                .name("r" + i)
                                .service("orders")
                                .build())
                        .toList());

        @Test
        void readsOneRouteForAnEditOfOneRoute() {
            Validation validation = new Validation(
                    LARGE,
                    LARGE.with(route(PathMatch.exact("/x"))
                            .name("r777")
                            .service("orders")
                            .build()));

            assertThat(validation.run()).isEmpty();
            assertThat(validation.examined()).isEqualTo(1);
        }

        @Test
        void readsNoOtherForTheRemovalOfARoute() {
            Validation validation = new Validation(LARGE, LARGE.without(ResourceType.ROUTES, "r777"));

            assertThat(validation.run()).isEmpty();
            assertThat(validation.examined()).isZero();
        }

        @Test
        void readsEachRouteOnceForTheRemovalOfAService() {
            Validation validation = new Validation(LARGE, LARGE.without(ResourceType.SERVICES, "orders"));

            assertThat(validation.run())
                    .singleElement()
                    .satisfies(problem -> assertThat(problem.detail()).endsWith("and 99995 more places"));
            // Other services may name it too, to mirror requests to it.
            assertThat(validation.examined())
                    .isEqualTo(100_000
                            + LARGE.services().size()
                            - 1
                            + LARGE.policies().size());
        }
    }

    private static List<String> problems(ProxyConfig config) {
        return ConfigValidator.validate(VALID, config).stream()
                .map(problem -> problem.documentPointer() + " " + problem.code())
                .toList();
    }

    private static ProxyConfig with(PathMatch path) {
        return VALID.with(route(path).service("orders").build());
    }

    private static ProxyConfig with(FilterConfig filter) {
        return VALID.with(
                route(PathMatch.prefix("/")).service("orders").filters(filter).build());
    }

    private static RouteConfig.Builder route(PathMatch path) {
        return RouteConfig.named("r").matches(RouteMatch.of(path));
    }

    private static ListenerConfig.Builder listener(String name, String address) {
        return ListenerConfig.named(name, ListenAddress.parse(address));
    }
}
