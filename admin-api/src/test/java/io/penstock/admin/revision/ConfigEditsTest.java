package io.penstock.admin.revision;

import static io.penstock.admin.revision.PipelineFixture.route;
import static io.penstock.admin.revision.PipelineFixture.routeBuilder;
import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.config.NetworkConfig;
import io.penstock.config.ProxyConfig;
import io.penstock.config.Resource;
import io.penstock.config.ResourceType;
import io.penstock.config.RouteConfig;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

final class ConfigEditsTest {

    private static final ProxyConfig BEFORE = ProxyConfig.initial()
            .with(route("free", 200))
            .with(routeBuilder("mine", 200).owner("pay").tags("team=pay").build())
            .with(routeBuilder("theirs", 200).owner("shop").tags("team=shop").build());

    @Nested
    final class ReplaceAll {

        @Test
        void leavesWhatTheDocumentDescribesAndWhatANewInstanceHas() {
            ProxyConfig next = next(ConfigEdits.replaceAll(document(Optional.empty(), route("a", 200))), BEFORE);

            assertThat(next).isEqualTo(ProxyConfig.initial().with(route("a", 200)));
        }

        @Test
        void changesNothingTheSecondTime() {
            EditOperation operation = ConfigEdits.replaceAll(document(Optional.empty(), route("a", 200)));
            ProxyConfig once = next(operation, BEFORE);

            assertThat(next(operation, once)).isSameAs(once);
        }

        @Test
        void deniesByDefaultWhenTheDocumentSaysThatThereAreNoGrants() {
            ConfigDocument document = new ConfigDocument(
                    Optional.empty(), List.of(), Set.of(ResourceType.BACKEND_GRANTS), Optional.empty());

            ProxyConfig next = next(ConfigEdits.replaceAll(document), BEFORE);

            assertThat(next.backendGrants().isEmpty()).isTrue();
            assertThat(next.networks().contains("default")).isTrue();
        }

        @Test
        void keepsTheFirstNetworkBesideOthers() {
            ConfigDocument document = new ConfigDocument(
                    Optional.empty(),
                    List.of(NetworkConfig.named("edge").build()),
                    Set.of(ResourceType.NETWORKS),
                    Optional.empty());

            ProxyConfig next = next(ConfigEdits.replaceAll(document), BEFORE);

            assertThat(next.networks()).extracting(NetworkConfig::name).containsExactly("default", "edge");
        }
    }

    @Nested
    final class Apply {

        @Test
        void putsWhatTheDocumentHoldsAndKeepsTheRest() {
            ProxyConfig next = next(apply(document(Optional.empty(), route("a", 200)), false), BEFORE);

            assertThat(next).isEqualTo(BEFORE.with(route("a", 200)));
        }

        @Test
        void stampsWhatItCreates() {
            ProxyConfig next = next(apply(document(Optional.of("pay"), route("a", 200)), false), BEFORE);

            assertThat(next.routes().find("a").flatMap(RouteConfig::owner)).contains("pay");
        }

        @Test
        void leavesAResourceWithoutOwnerWithoutOne() {
            ProxyConfig next = next(apply(document(Optional.of("pay"), route("free", 404)), false), BEFORE);

            assertThat(next.routes().find("free")).contains(route("free", 404));
        }

        @Test
        void isRefusedForWhatBelongsToOthers() {
            EditOperation.Outcome<ProxyConfig> outcome =
                    outcome(apply(document(Optional.of("pay"), route("theirs", 404)), false), BEFORE);

            assertThat(outcome)
                    .isEqualTo(new EditOperation.Not<ProxyConfig>(new EditResult.OwnedBy(List.of(
                            new EditResult.OwnedPart(ConfigParts.key(ResourceType.ROUTES, "theirs"), "shop")))));
        }

        @Test
        void isNotRefusedForWhatItLeavesAsItIs() {
            RouteConfig same = routeBuilder("theirs", 200).tags("team=shop").build();

            assertThat(next(apply(document(Optional.of("pay"), same), false), BEFORE))
                    .isSameAs(BEFORE);
        }

        @Test
        void takesWhatBelongsToOthersWhenTold() {
            ProxyConfig next = next(
                    ConfigEdits.apply(
                            document(Optional.of("pay"), route("theirs", 404)), false, Optional.empty(), true),
                    BEFORE);

            assertThat(next.routes().find("theirs").flatMap(RouteConfig::owner)).contains("pay");
        }

        @Test
        void prunesOnlyItsOwn() {
            ProxyConfig next = next(apply(document(Optional.of("pay"), route("a", 200)), true), BEFORE);

            assertThat(next.routes()).extracting(RouteConfig::name).containsExactly("a", "free", "theirs");
        }

        @Test
        void withoutAnOwnerPrunesWhatHasNoneAndKeepsWhatANewInstanceHas() {
            ProxyConfig next = next(apply(document(Optional.empty(), route("a", 200)), true), BEFORE);

            assertThat(next.routes()).extracting(RouteConfig::name).containsExactly("a", "mine", "theirs");
            assertThat(next.backendGrants()).isEqualTo(ProxyConfig.initial().backendGrants());
            assertThat(next.accessLogs()).isEqualTo(ProxyConfig.initial().accessLogs());
        }

        @Test
        void touchesOnlyWhatIsSelected() {
            ConfigDocument document = document(
                    Optional.of("pay"),
                    route("a", 200),
                    routeBuilder("b", 200).tags("team=pay").build());

            ProxyConfig next = next(ConfigEdits.apply(document, true, Optional.of("team=pay"), false), BEFORE);

            assertThat(next.routes()).extracting(RouteConfig::name).containsExactly("b", "free", "theirs");
        }
    }

    @Test
    void laysDocumentsOverEachOtherByName() {
        ConfigDocument base = document(Optional.of("pay"), route("a", 200), route("b", 200));
        ConfigDocument above = document(Optional.empty(), route("b", 404));

        ConfigDocument both = base.overlaidBy(above);

        assertThat(both.resources()).containsExactly(route("a", 200), route("b", 404));
        assertThat(both.owner()).contains("pay");
    }

    private static EditOperation apply(ConfigDocument document, boolean prune) {
        return ConfigEdits.apply(document, prune, Optional.empty(), false);
    }

    private static ConfigDocument document(Optional<String> owner, Resource... resources) {
        return new ConfigDocument(Optional.empty(), List.of(resources), Set.of(ResourceType.ROUTES), owner);
    }

    private static EditOperation.Outcome<ProxyConfig> outcome(EditOperation operation, ProxyConfig before) {
        return ((EditOperation.Transform) operation).transformer().transform(before);
    }

    private static ProxyConfig next(EditOperation operation, ProxyConfig before) {
        return ((EditOperation.Next<ProxyConfig>) outcome(operation, before)).value();
    }
}
