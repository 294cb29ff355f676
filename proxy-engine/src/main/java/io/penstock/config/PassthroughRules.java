package io.penstock.config;

import io.penstock.config.Problems.Scope;

/** What a route must keep that passes bytes on to an upstream as they are: it cannot ask for anything that only HTTP says. */
final class PassthroughRules {
    private PassthroughRules() {}

    /** What all routes keep: server names go with an upstream, and the other way round. */
    static void check(RouteConfig route, Scope at) {
        for (int i = 0; i < route.matches().size(); i++) {
            checkNames(route, route.matches().get(i), at.in("matches").in(i));
        }
        if (route.upstream().isEmpty()) {
            return;
        }
        if (route.listeners().isEmpty()) {
            at.in("listeners")
                    .add(
                            ConfigProblem.REQUIRED,
                            "a route to an upstream is reachable by the listeners it names alone",
                            "name listeners of protocol tcp or tls");
        }
        refuse(!route.filters().isEmpty(), "filters", at);
        refuse(!route.auth().isEmpty(), "auth", at);
        refuse(route.cors().isWritten(), "cors", at);
        refuse(route.errorPages().isWritten(), "errorPages", at);
        refuse(route.admission().isWritten(), "admission", at);
        refuse(route.identityHeaders().isWritten(), "identityHeaders", at);
        refuse(!route.retries().equals(RouteRetries.DEFAULTS), "retries", at);
        refuse(route.body().max().isPresent(), "body", at);
        refuse(route.timeouts().total().isPresent(), "timeouts", at);
    }

    private static void checkNames(RouteConfig route, RouteMatch match, Scope at) {
        if (route.upstream().isEmpty()) {
            if (!match.snis().isEmpty()) {
                at.in("snis")
                        .add(
                                ConfigProblem.BAD_VALUE,
                                "server names choose among routes to an upstream; this one is of HTTP",
                                "write hosts");
            }
            return;
        }
        RouteMatch names = RouteMatch.ofNames(match.snis());
        if (!match.equals(names)) {
            at.add(
                    ConfigProblem.BAD_VALUE,
                    "a route to an upstream sees no requests, so that nothing but snis can be matched",
                    "leave the rest out, or name a service in place of upstream");
        }
        for (int i = 0; i < match.snis().size(); i++) {
            HostGrammar.check(match.snis().get(i), at.in("snis").in(i));
        }
        RouteRules.checkDistinct(match.snis(), at.in("snis"));
    }

    private static void refuse(boolean isWritten, String member, Scope at) {
        if (isWritten) {
            at.in(member)
                    .add(
                            ConfigProblem.BAD_VALUE,
                            member + " speaks of requests, and a route to an upstream sees none",
                            "leave it out, or name a service in place of upstream");
        }
    }
}
