package io.penstock.snapshot;

import io.penstock.config.ConfigProblem;
import io.penstock.config.Effective;
import io.penstock.config.EffectiveRoute;
import io.penstock.config.LimitConfig;
import io.penstock.config.LimitKeyPart;
import io.penstock.config.ResourceRef;
import io.penstock.config.ResourceType;
import io.penstock.config.RouteWay;
import io.penstock.config.ServiceConfig;
import io.penstock.config.StickyBy;
import io.penstock.spi.FilterPhase;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * What a route must keep whose backends are chosen by who calls ({@code sticky: consumer}). The choice follows {@code auth}, so
 * that until then the levels around the services hold alone: no service may say otherwise of what comes before, or a caller would
 * be let in by the word of a service that is not its own.
 */
final class CallerChoice {
    private static final String WAY_OUT =
            "say it at the route, its group or the defaults, or keep callers by header:NAME instead";

    private final EffectiveRoute before;
    private final List<ConfigProblem> problems;

    /** @param before what holds without any of the services */
    CallerChoice(EffectiveRoute before, List<ConfigProblem> problems) {
        this.before = before;
        this.problems = problems;
    }

    /** Whether a route's backends are chosen by who calls. */
    static boolean isFor(List<RouteWay> ways) {
        return ways.stream()
                .anyMatch(way -> way.backend().flatMap(each -> each.sticky()).equals(Optional.of(StickyBy.CONSUMER)));
    }

    /** Checks what is written. @return whether it can stand */
    boolean check(List<RouteWay> ways) {
        int count = problems.size();
        if (before.auth().value().isEmpty()) {
            refuse(
                    "sticky: consumer keeps nobody where no auth finds out who calls",
                    "write auth at the route or above it");
        }
        if (limits(before).stream().anyMatch(CallerChoice::isByService)) {
            refuse(
                    "a limit by service is taken before auth, when sticky: consumer has not chosen one yet",
                    "add consumer to its key, so that it is taken afterwards, or key it by route");
        }
        for (RouteWay way : ways) {
            EffectiveRoute effective = way.effective();
            compare("auth", before.auth().value(), effective.auth().value(), effective);
            compare(
                    "identityHeaders",
                    before.identityHeaders().value(),
                    effective.identityHeaders().value(),
                    effective);
            compare("access", before.access().value(), effective.access().value(), effective);
            compare("cors", before.cors().value(), effective.cors().value(), effective);
            compare(
                    "maintenance",
                    before.maintenance().value(),
                    effective.maintenance().value(),
                    effective);
            compare("limits that are taken before auth", limits(before), limits(effective), effective);
        }
        return problems.size() == count;
    }

    private static List<LimitConfig> limits(EffectiveRoute effective) {
        return effective.limits().stream()
                .map(Effective::value)
                .filter(LimitConfig::isTakenBeforeAuth)
                .toList();
    }

    private static boolean isByService(LimitConfig limit) {
        return limit.keyParts().stream().anyMatch(part -> part.kind() == LimitKeyPart.Kind.SERVICE);
    }

    private void compare(String what, Object outside, Object inside, EffectiveRoute of) {
        if (!outside.equals(inside)) {
            refuseService(of.service().map(ServiceConfig::name).orElse(""), "says " + what + " of its own");
        }
    }

    /**
     * Checks what it came to: the filters that run before the choice are the same, so that the request goes on behind them on
     * whichever way is chosen.
     *
     * @return whether they are
     */
    boolean check(RouteRuntime outside, List<RouteRuntime> ways) {
        int count = problems.size();
        FilterSlot[] first = untilChosen(outside.filters());
        for (RouteRuntime way : ways) {
            FilterSlot[] other = untilChosen(way.filters());
            if (!Arrays.equals(first, other)) {
                String name = Arrays.stream(other)
                        .filter(slot -> !List.of(first).contains(slot))
                        .findFirst()
                        .map(slot -> "the filter " + slot.prepared().name() + " of " + slot.origin())
                        .orElse("a filter");
                refuseService(way.backend().identity(), "has " + name + " run before auth is over");
            }
        }
        return problems.size() == count;
    }

    private static FilterSlot[] untilChosen(FilterSlot[] chain) {
        return Arrays.stream(chain)
                .filter(slot -> slot.prepared().phase() != FilterPhase.TRANSFORM)
                .toArray(FilterSlot[]::new);
    }

    private void refuseService(String service, String does) {
        refuse(
                "service \"" + service + "\" " + does + ", and sticky: consumer chooses one only when auth is over",
                WAY_OUT);
    }

    private void refuse(String detail, String wayOut) {
        problems.add(new ConfigProblem(
                ResourceRef.of(ResourceType.ROUTES, before.route().name()),
                "/backends",
                ConfigProblem.BAD_VALUE,
                detail,
                Optional.of(wayOut)));
    }
}
