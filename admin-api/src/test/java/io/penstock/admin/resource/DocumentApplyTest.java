package io.penstock.admin.resource;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.admin.revision.ConfigParts;
import io.penstock.admin.revision.EditOperation;
import io.penstock.admin.revision.EditResult;
import io.penstock.config.NetworkConfig;
import io.penstock.config.PathMatch;
import io.penstock.config.ProxyConfig;
import io.penstock.config.Resource;
import io.penstock.config.ResourceType;
import io.penstock.config.RespondConfig;
import io.penstock.config.RouteConfig;
import io.penstock.config.RouteMatch;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

final class DocumentApplyTest {

    private static final ProxyConfig BEFORE = ProxyConfig.initial()
            .with(route("free", 200))
            .with(routeBuilder("mine", 200).owner("pay").tags("team=pay").build())
            .with(routeBuilder("theirs", 200).owner("shop").tags("team=shop").build());

    @Nested
    final class ReplaceAll {

        @Test
        void leavesWhatTheDocumentDescribesAndWhatANewInstanceHas() {
            ProxyConfig next = next(document(Optional.empty(), route("a", 200)).replacement(), BEFORE);

            assertThat(next).isEqualTo(ProxyConfig.initial().with(route("a", 200)));
        }

        @Test
        void changesNothingTheSecondTime() {
            EditOperation operation =
                    document(Optional.empty(), route("a", 200)).replacement();
            ProxyConfig once = next(operation, BEFORE);

            assertThat(next(operation, once)).isSameAs(once);
        }

        @Test
        void deniesByDefaultWhenTheDocumentSaysThatThereAreNoGrants() {
            ConfigDocument document = document(Optional.empty(), ResourceType.BACKEND_GRANTS);

            ProxyConfig next = next(document.replacement(), BEFORE);

            assertThat(next.backendGrants().isEmpty()).isTrue();
            assertThat(next.networks().contains("default")).isTrue();
        }

        @Test
        void takesAListThatIsWrittenForTheWholeList() {
            ConfigDocument document = document(
                    Optional.empty(),
                    ResourceType.NETWORKS,
                    NetworkConfig.named("edge").build());

            ProxyConfig next = next(document.replacement(), BEFORE);

            assertThat(next.networks()).extracting(NetworkConfig::name).containsExactly("edge");
        }
    }

    @Nested
    final class Apply {

        @Test
        void putsWhatTheDocumentHoldsAndKeepsTheRest() {
            ProxyConfig next = applied(document(Optional.empty(), route("a", 200)), false);

            assertThat(next).isEqualTo(BEFORE.with(route("a", 200)));
        }

        @Test
        void stampsWhatItCreates() {
            ProxyConfig next = applied(document(Optional.of("pay"), route("a", 200)), false);

            assertThat(next.routes().find("a").flatMap(RouteConfig::owner)).contains("pay");
        }

        @Test
        void leavesAResourceWithoutOwnerWithoutOne() {
            ProxyConfig next = applied(document(Optional.of("pay"), route("free", 404)), false);

            assertThat(next.routes().find("free")).contains(route("free", 404));
        }

        @Test
        void isRefusedForWhatBelongsToOthers() {
            DocumentApply apply =
                    new DocumentApply(document(Optional.of("pay"), route("theirs", 404)), false, List.of(), false);

            EditOperation.Outcome<ProxyConfig> outcome = apply.apply(BEFORE);

            assertThat(outcome)
                    .isEqualTo(new EditOperation.Not<ProxyConfig>(new EditResult.OwnedBy(List.of(
                            new EditResult.OwnedPart(ConfigParts.key(ResourceType.ROUTES, "theirs"), "shop")))));
        }

        @Test
        void isRefusedForClaimingWhatBelongsToOthersEvenIfNothingElseDiffers() {
            RouteConfig same = routeBuilder("theirs", 200).tags("team=shop").build();

            assertThat(new DocumentApply(document(Optional.of("pay"), same), false, List.of(), false).apply(BEFORE))
                    .isInstanceOf(EditOperation.Not.class);
        }

        @Test
        void takesWhatBelongsToOthersWhenTold() {
            ProxyConfig next =
                    next(new DocumentApply(document(Optional.of("pay"), route("theirs", 404)), false, List.of(), true));

            assertThat(next.routes().find("theirs").flatMap(RouteConfig::owner)).contains("pay");
        }

        @Test
        void prunesOnlyItsOwn() {
            ProxyConfig next = applied(document(Optional.of("pay"), route("a", 200)), true);

            assertThat(next.routes()).extracting(RouteConfig::name).containsExactly("a", "free", "theirs");
        }

        @Test
        void withoutAnOwnerPrunesWhatHasNoneAndKeepsWhatANewInstanceHas() {
            ProxyConfig next = applied(document(Optional.empty(), route("a", 200)), true);

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

            ProxyConfig next = next(new DocumentApply(document, true, List.of("team=pay"), false));

            assertThat(next.routes()).extracting(RouteConfig::name).containsExactly("b", "free", "theirs");
        }
    }

    private static ProxyConfig applied(ConfigDocument document, boolean prune) {
        return next(new DocumentApply(document, prune, List.of(), false));
    }

    private static ProxyConfig next(DocumentApply apply) {
        return ((EditOperation.Next<ProxyConfig>) apply.apply(BEFORE)).value();
    }

    private static ProxyConfig next(EditOperation operation, ProxyConfig before) {
        EditOperation.Outcome<ProxyConfig> outcome =
                ((EditOperation.Transform) operation).transformer().transform(before);
        return ((EditOperation.Next<ProxyConfig>) outcome).value();
    }

    private static ConfigDocument document(Optional<String> owner, RouteConfig... routes) {
        return document(owner, ResourceType.ROUTES, routes);
    }

    /** As the loader gives it: what belongs to nobody by its own words is stamped with the document's owner. */
    private static ConfigDocument document(Optional<String> owner, ResourceType type, Resource... resources) {
        List<Resource> stamped = Stream.of(resources)
                .<Resource>map(resource ->
                        resource instanceof RouteConfig route && route.owner().isEmpty()
                                ? Members.with(resource, "owner", owner)
                                : resource)
                .toList();
        return new ConfigDocument(owner, Optional.empty(), stamped, Set.of(type), List.of(), Map.of());
    }

    private static RouteConfig route(String name, int status) {
        return routeBuilder(name, status).build();
    }

    private static RouteConfig.Builder routeBuilder(String name, int status) {
        return RouteConfig.named(name)
                .matches(RouteMatch.of(PathMatch.prefix("/" + name)))
                .respond(new RespondConfig(
                        status,
                        RespondConfig.DEFAULTS.body(),
                        RespondConfig.DEFAULTS.contentType(),
                        RespondConfig.DEFAULTS.headers()));
    }
}
