package io.penstock.engine;

import io.penstock.config.AnonymousAuthConfig;
import io.penstock.config.AuthConfig;
import io.penstock.config.Effective;
import io.penstock.config.EffectiveRoute;
import io.penstock.config.FilterConfig;
import io.penstock.config.GroupsAuthConfig;
import io.penstock.config.LimitConfig;
import io.penstock.config.ListenerConfig;
import io.penstock.config.ProxyConfig;
import io.penstock.config.RouteConfig;
import io.penstock.config.RouteWay;
import io.penstock.config.UpstreamConfig;
import io.penstock.discovery.EndpointDirectory;
import io.penstock.discovery.EndpointSpec;
import io.penstock.discovery.HealthDirectory;
import io.penstock.discovery.HealthView;
import io.penstock.exchange.SampleRequest;
import io.penstock.filter.AddressCheck;
import io.penstock.filter.CorsFilter;
import io.penstock.filter.CorsPolicy;
import io.penstock.filter.MaintenanceFilter;
import io.penstock.filter.RewriteFilter;
import io.penstock.http.Fields;
import io.penstock.metrics.Reason;
import io.penstock.route.RouteExplanation;
import io.penstock.snapshot.BackendSplit;
import io.penstock.snapshot.FilterSlot;
import io.penstock.snapshot.ListenerRuntime;
import io.penstock.snapshot.RouteAction;
import io.penstock.snapshot.RouteRuntime;
import io.penstock.snapshot.Snapshot;
import io.penstock.spi.FilterPhase;
import io.penstock.spi.Verdict;
import java.math.BigDecimal;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Takes a sample request the way a real one goes, as far as that has no effect: the same parser, the same table, the same
 * rewrites. Control thread.
 */
final class Explainer {
    private final Snapshot snapshot;
    private final ProxyConfig config;
    private final EndpointDirectory directory;
    private final HealthDirectory health;

    Explainer(Snapshot snapshot, ProxyConfig config, EndpointDirectory directory, HealthDirectory health) {
        this.snapshot = snapshot;
        this.config = config;
        this.directory = directory;
        this.health = health;
    }

    /** Reads a sample. @throws SampleRefusedException if it names a listener or an address that cannot be */
    static SampleRequest sample(ExplainRequest request, ProxyConfig config) throws SampleRefusedException {
        List<String> open = new ArrayList<>();
        for (ListenerConfig listener : config.listeners()) {
            if (listener.enabled()) {
                open.add(listener.name());
            }
        }
        if (!request.listener().isEmpty() && !open.contains(request.listener())) {
            throw new SampleRefusedException(
                    "listener",
                    "found \"" + request.listener() + "\", wanted the name of an enabled listener: "
                            + (open.isEmpty() ? "there is none" : String.join(", ", open)));
        }
        try {
            return SampleRequest.parse(request.method(), request.url(), request.headers(), request.clientAddress());
        } catch (IllegalArgumentException noAddress) {
            throw new SampleRefusedException("clientAddress", String.valueOf(noAddress.getMessage()));
        }
    }

    Explanation explain(SampleRequest sample, String listener) {
        if (sample.refusal().isPresent()) {
            return refused(sample.refusal().get(), sample.refusalDetail(), Optional.empty(), "");
        }
        if (sample.isConnect()) {
            return refused(Reason.TUNNEL_REFUSED, Reason.TUNNEL_REFUSED.meaning(), Optional.empty(), sample.path());
        }
        sample.listener(listenerId(listener));
        RouteExplanation routing = snapshot.table().explain(sample.isPreflight() ? sample.announced() : sample.query());
        RouteRuntime found = found(routing);
        if (sample.isPreflight() && (found == null || sample.way(found).cors() == null)) {
            routing = snapshot.table().explain(sample.query());
            found = found(routing);
        }
        if (found == null) {
            Reason reason = routing.outcome() == RouteExplanation.Outcome.METHOD_NOT_ALLOWED
                    ? Reason.METHOD_NOT_ALLOWED
                    : Reason.NO_ROUTE;
            return refused(reason, reason.meaning(), Optional.of(routing), sample.path());
        }
        RouteRuntime route = sample.way(found);
        if (sample.hasEncodedSlash() && !route.allowsEncodedSlashes()) {
            return refused(Reason.ENCODED_SLASH, Reason.ENCODED_SLASH.meaning(), Optional.of(routing), sample.path());
        }
        Reason upgrade = sample.upgradeRefusal(route);
        if (upgrade != null) {
            return refused(upgrade, sample.upgradeRefusalDetail(upgrade, route), Optional.of(routing), sample.path());
        }
        if (sample.contentLength() > route.bodyMaxBytes()) {
            return refused(
                    Reason.BODY_TOO_LARGE,
                    "the body has " + sample.contentLength() + " bytes, route \"" + route.name() + "\" allows "
                            + route.bodyMaxBytes(),
                    Optional.of(routing),
                    sample.path());
        }
        for (FilterSlot slot : route.filters()) {
            if (slot.prepared() instanceof AddressCheck check
                    && !check.passes(sample.clientAddress())
                    && !(sample.isPreflight() && slot.prepared() instanceof MaintenanceFilter)) {
                return refused(
                        check.refusal(),
                        slot.prepared().name() + " of " + slot.origin()
                                + " does not let the sample's client address pass",
                        Optional.of(routing),
                        sample.path());
            }
        }
        return sample.isPreflight() && route.cors() != null
                ? preflight(sample, routing, route)
                : matched(sample, routing, found, route);
    }

    private @Nullable RouteRuntime found(RouteExplanation routing) {
        return routing.routeId() < 0 ? null : snapshot.routes().get(routing.routeId());
    }

    // It ends where cors answers it.
    private static Explanation preflight(SampleRequest sample, RouteExplanation routing, RouteRuntime route) {
        List<Explanation.Step> steps = new ArrayList<>();
        for (FilterSlot slot : route.filters()) {
            steps.add(new Explanation.Step("access", slot.prepared().name(), slot.origin()));
            if (slot.prepared() instanceof CorsFilter cors) {
                Fields fields = sample.view().fields();
                if (cors.preflight(fields, CorsPolicy.preflightFor(fields)) instanceof Verdict.Failed denied) {
                    return refused(
                            denied.reason(),
                            denied.detail() + "; it is that of " + slot.origin(),
                            Optional.of(routing),
                            sample.path());
                }
                break;
            }
        }
        return new Explanation(
                Optional.empty(),
                "",
                Optional.of(routing),
                sample.path(),
                steps,
                Optional.empty(),
                List.of(),
                Optional.empty());
    }

    private Explanation matched(
            SampleRequest sample, RouteExplanation routing, RouteRuntime found, RouteRuntime route) {
        String path = sample.path();
        RouteConfig written = config.routes().find(route.name()).orElseThrow();
        EffectiveRoute effective = RouteWay.served(config, written).stream()
                .filter(way -> way.identity().equals(route.backend().identity()))
                .findFirst()
                .orElseThrow()
                .effective();
        List<Explanation.Step> steps = new ArrayList<>();
        if (route.translatesGrpcWeb() && sample.isGrpcWeb()) {
            steps.add(new Explanation.Step("grpcWeb", "becomes a call of gRPC", "routes/" + route.name()));
        }
        steps.addAll(steps(effective, route));
        if (found.action() instanceof RouteAction.Split split) {
            steps.add(
                    split.backends().isByCaller() ? behindAuth(steps) : 0,
                    new Explanation.Step(
                            "backend", backend(split.backends(), route, sample.because()), "routes/" + route.name()));
        }
        sample.parameters(routing.parameters());
        for (Effective<FilterConfig> filter : effective.filters()) {
            RewriteFilter.preview(filter.value(), sample.values(route.name()));
        }
        Optional<UpstreamConfig> upstream = effective.upstream();
        String action = upstream.map(to -> "forward to upstream " + to.name()).orElseGet(() -> sample.ownAnswer(route));
        steps.add(new Explanation.Step("upstream", action, "routes/" + route.name()));
        upstream.flatMap(RetrySteps::ofCircuit).ifPresent(steps::add);
        upstream.ifPresent(to -> steps.add(RetrySteps.of(to, effective.retries())));
        List<String> targets = new ArrayList<>();
        upstream.ifPresent(to -> {
            Map<InetSocketAddress, HealthView> healths = health.views(to.name());
            for (EndpointSpec endpoint : directory.endpointsOf(to, config).endpoints()) {
                HealthView known = healths.get(endpoint.address());
                if (endpoint.isGranted() && !endpoint.isDraining() && endpoint.weight() > 0) {
                    if (known != null && known.state() != HealthView.State.HEALTHY) {
                        steps.add(new Explanation.Step(
                                "health",
                                endpoint.authority() + ": "
                                        + known.state().name().toLowerCase(Locale.ROOT)
                                        + (known.takesRequests() ? ", used all the same. " : ", left out. ")
                                        + known.why(),
                                "upstreams/" + to.name()));
                    }
                    if (known == null || known.takesRequests()) {
                        targets.add(endpoint.authority());
                    }
                }
            }
        });
        return new Explanation(
                Optional.empty(),
                "",
                Optional.of(routing),
                path,
                steps,
                upstream.map(UpstreamConfig::name),
                targets,
                upstream.map(to -> sample.path()));
    }

    private static int behindAuth(List<Explanation.Step> steps) {
        int at = 0;
        for (int i = 0; i < steps.size(); i++) {
            at = steps.get(i).phase().equals("auth") ? i + 1 : at;
        }
        return at;
    }

    // Which it is, why, and what the others would get of requests like it.
    private static String backend(BackendSplit split, RouteRuntime chosen, String because) {
        StringBuilder shares = new StringBuilder();
        for (int i = 0; i < split.size(); i++) {
            shares.append(i == 0 ? "" : ", ")
                    .append(split.way(i).backend().identity())
                    .append(' ')
                    .append(BigDecimal.valueOf(Math.round(split.share(i) * 10_000), 2)
                            .stripTrailingZeros()
                            .toPlainString())
                    .append('%');
        }
        return chosen.backend().identity() + ": " + because + " (" + shares + ")";
    }

    // In the order of the phases, which is not the order of the config: limits stand between filters' phases.
    private static List<Explanation.Step> steps(EffectiveRoute effective, RouteRuntime route) {
        List<Explanation.Step> steps = new ArrayList<>();
        addFilters(steps, "access", FilterPhase.ACCESS, route);
        addLimits(steps, effective, true);
        addAuth(steps, route);
        for (AuthConfig entry : effective.auth().value()) {
            if (entry instanceof AnonymousAuthConfig || entry instanceof GroupsAuthConfig) {
                steps.add(new Explanation.Step(
                        "auth", entry.type(), effective.auth().from().toString()));
            }
        }
        addLimits(steps, effective, false);
        effective
                .admission()
                .value()
                .ifPresent(admission -> steps.add(new Explanation.Step(
                        "admission",
                        admission.concurrency() + " at once, "
                                + admission.queue().max() + " wait",
                        effective.admission().from().toString())));
        addFilters(steps, "filters", FilterPhase.TRANSFORM, route);
        return steps;
    }

    private static void addLimits(List<Explanation.Step> steps, EffectiveRoute effective, boolean isBeforeAuth) {
        for (Effective<LimitConfig> limit : effective.limits()) {
            if (limit.value().isTakenBeforeAuth() == isBeforeAuth) {
                steps.add(new Explanation.Step(
                        "limits", limit.value().name(), limit.from().toString()));
                limit.value()
                        .bandwidth()
                        .ifPresent(found -> steps.add(new Explanation.Step(
                                "bandwidth",
                                limit.value().name() + ": " + found,
                                limit.from().toString())));
            }
        }
    }

    private static void addFilters(List<Explanation.Step> steps, String name, FilterPhase phase, RouteRuntime route) {
        for (FilterSlot slot : route.filters()) {
            if (slot.prepared().phase() == phase) {
                steps.add(new Explanation.Step(name, slot.prepared().name(), slot.origin()));
            }
        }
    }

    private static void addAuth(List<Explanation.Step> steps, RouteRuntime route) {
        for (int at = 0; at < route.filters().length; at++) {
            FilterSlot slot = route.filters()[at];
            if (slot.prepared().phase() == FilterPhase.AUTH) {
                boolean isOfMany = route.authenticators().allOfEnd(at) > 0;
                steps.add(new Explanation.Step(
                        "auth", (isOfMany ? "allOf: " : "") + slot.prepared().name(), slot.origin()));
            }
        }
    }

    private int listenerId(String name) {
        for (ListenerConfig listener : config.listeners()) {
            if (listener.enabled() && (name.isEmpty() || listener.name().equals(name))) {
                for (int id = 0; ; id++) {
                    ListenerRuntime runtime = snapshot.listeners().get(id);
                    if (runtime != null && runtime.name().equals(listener.name())) {
                        return id;
                    }
                    if (id > config.listeners().size() * 2 + 64) {
                        break;
                    }
                }
            }
        }
        return 0;
    }

    private static Explanation refused(Reason reason, String detail, Optional<RouteExplanation> routing, String path) {
        return new Explanation(
                Optional.of(reason), detail, routing, path, List.of(), Optional.empty(), List.of(), Optional.empty());
    }
}
