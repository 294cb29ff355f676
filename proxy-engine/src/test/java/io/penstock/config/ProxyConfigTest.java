package io.penstock.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class ProxyConfigTest {
    private static final ProxyConfig INITIAL = ProxyConfig.initial();

    @Test
    void startsWithTheDefaultNetworkTheGrantThatOpensItAndOneAccessLog() {
        assertThat(INITIAL.networks().names()).containsExactly("default");
        assertThat(INITIAL.backendGrants().find("default-any")).get().satisfies(grant -> {
            assertThat(grant.network()).isEqualTo("default");
            assertThat(grant.addresses()).map(Cidr::toString).containsExactly("0.0.0.0/0", "::/0");
            assertThat(grant.ports()).containsExactly("1-65535");
        });
        assertThat(INITIAL.accessLogs().names()).containsExactly("access");
        assertThat(INITIAL.routes()).isEmpty();
    }

    @Test
    void takesEveryTypeOfResourceByItsRecord() {
        List<Resource> resources = List.of(
                ListenerConfig.named("a", ListenAddress.parse("127.0.0.1:80")).build(),
                ServiceConfig.named("a", "a").build(),
                RouteConfig.named("a").build(),
                UpstreamConfig.named("a").build(),
                LimitConfig.named("a", Rate.parse("1/s")).build(),
                PolicyConfig.named("a").build(),
                NetworkConfig.named("a").build(),
                BackendGrantConfig.named("a").build(),
                AccessLogConfig.named("a").build());

        ProxyConfig config = ProxyConfig.empty().with(resources);

        for (Resource resource : resources) {
            ResourceType type = ResourceType.of(resource);
            assertThat(config.find(type, "a")).contains(resource);
            assertThat(type.recordClass()).isEqualTo(resource.getClass());
            config = config.without(type, "a");
        }
        assertThat(config).isEqualTo(ProxyConfig.empty());
    }

    @Test
    void isTheSameObjectAfterAnEditThatChangesNothing() {
        assertThat(INITIAL.with(NetworkConfig.named("default").build())).isSameAs(INITIAL);
        assertThat(INITIAL.without(ResourceType.ROUTES, "absent")).isSameAs(INITIAL);
    }

    @Test
    void sharesWhatAnEditDoesNotTouch() {
        ProxyConfig edited = INITIAL.with(RouteConfig.named("a").build());

        assertThat(edited.networks()).isSameAs(INITIAL.networks());
        assertThat(edited.backendGrants()).isSameAs(INITIAL.backendGrants());
    }

    @Test
    void givesEveryMemberTheDefaultOfTheContract() {
        ListenerConfig listener =
                ListenerConfig.named("web", ListenAddress.parse("0.0.0.0:80")).build();
        UpstreamConfig upstream = UpstreamConfig.named("a").build();

        assertThat(listener.protocol()).isEqualTo(Protocol.HTTP);
        assertThat(listener.accept()).isEqualTo(AcceptMode.REUSEPORT);
        assertThat(listener.networks()).containsExactly("default");
        assertThat(listener.limits().connections()).isEqualTo(200_000);
        assertThat(listener.limits().headBytes()).hasToString("64KiB");
        assertThat(listener.timeouts().tlsHandshake()).isEqualTo(Duration.ofSeconds(5));
        assertThat(listener.timeouts().keepAlive()).isEqualTo(Duration.ofSeconds(60));
        assertThat(upstream.timeouts().connect()).isEqualTo(Duration.ofSeconds(2));
        assertThat(upstream.pool().max()).isEqualTo(1024);
        assertThat(upstream.retries().bufferBytes()).hasToString("64KiB");
        assertThat(RouteMatch.DEFAULTS.path()).isEqualTo(PathMatch.prefix("/"));
        assertThat(RedirectConfig.DEFAULTS.status()).isEqualTo(302);
        assertThat(RedirectConfig.DEFAULTS.keepQuery()).isTrue();
        assertThat(LimitConfig.named("a", Rate.parse("30/m")).build().burstPermits())
                .isEqualTo(1);
        assertThat(BodyConfig.MAX_DEFAULT).hasToString("16GiB");
    }

    @Test
    void refusesEveryValueThatCannotStandAtOnce() {
        assertThatThrownBy(() -> RecordDefaults.of(ListenerLimits.class, Map.of("connections", 0, "headFields", 1)))
                .isInstanceOfSatisfying(
                        InvalidValueException.class,
                        refused -> assertThat(refused.faults())
                                .map(ValueFault::pointer)
                                .containsExactly("/connections", "/headFields"))
                .hasMessageContaining("found 0, wanted 1 to 10000000");
    }

    @Test
    void saysWhichMemberIsMissing() {
        assertThatThrownBy(() -> RecordDefaults.of(QuotaConfig.class, Map.of("window", CalendarUnit.DAY)))
                .hasMessage("/requests: \"requests\" is missing");
    }

    @Test
    void documentsEveryComponentOfEveryRecord() {
        for (ResourceType type : ResourceType.values()) {
            assertThat(type.recordClass().getRecordComponents())
                    .allSatisfy(component -> assertThat(component.getAnnotation(Doc.class))
                            .as("%s.%s", type, component.getName())
                            .isNotNull());
        }
    }
}
