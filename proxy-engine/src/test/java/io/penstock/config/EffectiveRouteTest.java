package io.penstock.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class EffectiveRouteTest {
    private static final ProxyConfig CONFIG = ProxyConfig.initial()
            .withDefaults(Defaults.DEFAULTS.toBuilder()
                    .timeouts(total("30s"))
                    .limits("all")
                    .filters(remove("X-Defaults"))
                    .build())
            .with(List.of(
                    LimitConfig.named("all", Rate.parse("1000/s")).build(),
                    LimitConfig.named("per-client", Rate.parse("10/s")).build(),
                    PolicyConfig.named("partner")
                            .limits("per-client")
                            .timeouts(total("20s"))
                            .body(new BodyConfig(Optional.of(ByteSize.parse("1MiB"))))
                            .filters(remove("X-Policy"))
                            .build(),
                    UpstreamConfig.named("web").build(),
                    ServiceConfig.named("web", "web")
                            .policies("partner")
                            .timeouts(total("10s"))
                            .filters(remove("X-Service"))
                            .build()));

    @Test
    void appendsFiltersAndLimitsOuterFirst() {
        EffectiveRoute effective = EffectiveRoute.of(
                CONFIG,
                RouteConfig.named("r")
                        .service("web")
                        .limits("per-client", "all")
                        .filters(remove("X-Route"))
                        .build());

        assertThat(effective.filters())
                .extracting(filter -> filter.from().toString())
                .containsExactly("defaults", "policies/partner of services/web", "services/web", "routes/r");
        assertThat(effective.limits())
                .extracting(limit -> limit.value().name() + " from " + limit.from())
                .containsExactly("all from defaults", "per-client from policies/partner of services/web");
    }

    @Test
    void takesTheNearestOfScalars() {
        EffectiveRoute far = effective(RouteConfig.named("r").service("web"));
        EffectiveRoute near = effective(RouteConfig.named("r").service("web").timeouts(total("1s")));

        assertThat(far.total().value()).contains(Duration.ofSeconds(10));
        assertThat(far.total().from()).hasToString("services/web");
        assertThat(far.bodyMax().value()).hasToString("1MiB");
        assertThat(far.bodyMax().from()).hasToString("policies/partner of services/web");
        assertThat(near.total().from()).hasToString("routes/r");
    }

    @Test
    void putsTheApiGroupBetweenDefaultsAndService() {
        ProxyConfig config = CONFIG.with(List.of(
                ApiGroupConfig.named("orders")
                        .policies("partner")
                        .timeouts(total("15s"))
                        .filters(remove("X-Group"))
                        .build(),
                ServiceConfig.named("web", "web").group("orders").build()));

        EffectiveRoute effective = EffectiveRoute.of(
                config,
                RouteConfig.named("r").service("web").filters(remove("X-Route")).build());

        assertThat(effective.filters())
                .extracting(filter -> filter.from().toString())
                .containsExactly("defaults", "policies/partner of api-groups/orders", "api-groups/orders", "routes/r");
        assertThat(effective.total().value()).contains(Duration.ofSeconds(15));
        assertThat(effective.group().orElseThrow().name()).isEqualTo("orders");
    }

    @Test
    void takesTheRoutesApiGroupBeforeTheServices() {
        ProxyConfig config = CONFIG.with(List.of(
                ApiGroupConfig.named("near").timeouts(total("3s")).build(),
                ApiGroupConfig.named("far").timeouts(total("4s")).build(),
                ServiceConfig.named("web", "web").group("far").build()));

        assertThat(EffectiveRoute.of(
                                config,
                                RouteConfig.named("r")
                                        .service("web")
                                        .group("near")
                                        .build())
                        .total()
                        .from())
                .hasToString("api-groups/near");
    }

    @Test
    void knowsWhichRoutesAnApiGroupReaches() {
        ProxyConfig before = CONFIG.with(List.of(
                ApiGroupConfig.named("orders").build(),
                ServiceConfig.named("in", "web").group("orders").build(),
                RouteConfig.named("by-service").service("in").build(),
                RouteConfig.named("itself")
                        .respond(RespondConfig.DEFAULTS)
                        .group("orders")
                        .build(),
                RouteConfig.named("other").respond(RespondConfig.DEFAULTS).build()));

        assertThat(affected(
                        before,
                        before.with(ApiGroupConfig.named("orders")
                                .limits("per-client")
                                .build())))
                .containsExactly("by-service", "itself");
    }

    @Test
    void fallsBackToWhatTheServerDoes() {
        EffectiveRoute effective = EffectiveRoute.of(
                ProxyConfig.initial(),
                RouteConfig.named("r").respond(RespondConfig.DEFAULTS).build());

        assertThat(effective.total()).isEqualTo(new Effective<>(Optional.<Duration>empty(), Origin.SERVER));
        assertThat(effective.bodyMax().value()).hasToString("16GiB");
        assertThat(effective.isServed()).isTrue();
    }

    @Test
    void liftsAnOuterTotalByZero() {
        EffectiveRoute effective =
                effective(RouteConfig.named("r").service("web").timeouts(total("0s")));

        assertThat(effective.total().value()).isEmpty();
        assertThat(effective.total().from()).hasToString("routes/r");
    }

    @Test
    void takesTheNearestSettingAsAWholeAndNothingWhereNullIsWritten() {
        AccessConfig far = new AccessConfig(List.of(Cidr.parse("10.0.0.0/8")), List.of());
        ProxyConfig config = CONFIG.with(CONFIG.policies().find("partner").orElseThrow().toBuilder()
                .access(Setting.of(far))
                .build());
        RouteConfig.Builder route = RouteConfig.named("r").service("web");

        assertThat(EffectiveRoute.of(config, route.build()).access().value()).contains(far);
        assertThat(EffectiveRoute.of(config, route.build()).access().from())
                .hasToString("policies/partner of services/web");
        assertThat(EffectiveRoute.of(config, route.access(Setting.none()).build())
                        .access())
                .isEqualTo(new Effective<>(Optional.<AccessConfig>empty(), Origin.route("r")));
    }

    @Test
    void leavesOutWhatIsDisabled() {
        ProxyConfig config = CONFIG.with(CONFIG.policies().find("partner").orElseThrow().toBuilder()
                        .enabled(false)
                        .build())
                .with(CONFIG.limits().find("all").orElseThrow().toBuilder()
                        .enabled(false)
                        .build());

        EffectiveRoute effective =
                EffectiveRoute.of(config, RouteConfig.named("r").service("web").build());

        assertThat(effective.limits()).isEmpty();
        assertThat(effective.filters()).hasSize(2);
    }

    @Test
    void isNotServedWhileItsServiceIsDisabled() {
        ProxyConfig config = CONFIG.with(CONFIG.services().find("web").orElseThrow().toBuilder()
                .enabled(false)
                .build());

        assertThat(EffectiveRoute.of(
                                config, RouteConfig.named("r").service("web").build())
                        .isServed())
                .isFalse();
    }

    @Test
    void knowsWhichRoutesAChangeAffects() {
        ProxyConfig before = CONFIG.with(List.of(
                RouteConfig.named("by-service").service("web").build(),
                RouteConfig.named("by-limit")
                        .respond(RespondConfig.DEFAULTS)
                        .limits("per-client")
                        .build(),
                RouteConfig.named("other").respond(RespondConfig.DEFAULTS).build()));

        assertThat(affected(
                        before,
                        before.with(LimitConfig.named("per-client", Rate.parse("5/s"))
                                .build())))
                .containsExactly("by-limit", "by-service");
        assertThat(affected(
                        before,
                        before.with(UpstreamConfig.named("web").network("x").build())))
                .isEmpty();
        assertThat(affected(before, before.without(ResourceType.ROUTES, "other")))
                .containsExactly("other");
        assertThat(affected(before, before.withDefaults(Defaults.DEFAULTS))).hasSize(3);
    }

    private static Iterable<String> affected(ProxyConfig before, ProxyConfig after) {
        return AffectedRoutes.of(ConfigDiff.of(before, after), after);
    }

    private static EffectiveRoute effective(RouteConfig.Builder route) {
        return EffectiveRoute.of(CONFIG, route.build());
    }

    private static RouteTimeouts total(String text) {
        return new RouteTimeouts(Optional.of(DurationText.parse(text)));
    }

    private static FilterConfig remove(String field) {
        return new HeadersFilterConfig(new HeaderEdits(Map.of(), Map.of(), List.of(field)), HeaderEdits.DEFAULTS);
    }
}
