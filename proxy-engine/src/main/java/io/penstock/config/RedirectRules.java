package io.penstock.config;

import io.penstock.config.Problems.Scope;
import io.penstock.config.TemplateText.Part;
import io.penstock.config.TemplateText.Source;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** What a redirect must keep: above all, that no request decides on whose host it ends. */
final class RedirectRules {
    // At least two labels: one alone is nobody's in particular.
    private static final Pattern DOMAIN = Pattern.compile(".*\\.[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+");

    private RedirectRules() {}

    static void check(RedirectConfig redirect, RouteConfig route, Scope at) {
        Set<String> parameters = RouteRules.parameters(route);
        redirect.host().ifPresent(host -> checkHost(host, route, parameters, at.in("host")));
        redirect.path().ifPresent(edit -> FilterRules.checkPath(edit, Optional.of(parameters), at.in("path")));
        EditRules.check(redirect.query(), Optional.of(parameters), at.in("query"));
        if (redirect.scheme().isEmpty()
                && redirect.host().isEmpty()
                && redirect.port().isEmpty()
                && redirect.path().isEmpty()
                && redirect.query().isEmpty()) {
            at.add(
                    ConfigProblem.REQUIRED,
                    "a redirect that changes nothing sends the client in a circle",
                    "give it a scheme, host, port, path or query");
        }
    }

    private static void checkHost(String host, RouteConfig route, Set<String> parameters, Scope at) {
        TemplateText text = TemplateText.parse(host);
        StringBuilder plain = new StringBuilder();
        for (Part part : text.parts()) {
            TemplateRules.check(part, Optional.of(parameters), at);
            plain.append(part.source() == Source.LITERAL ? part.text() : "x");
        }
        FilterRules.checkAuthority(plain.toString(), at);
        if (host.lastIndexOf(':') > host.lastIndexOf(']')) {
            at.add(ConfigProblem.BAD_VALUE, "found a port in the host", "write it under port");
        }
        Part last = text.parts().getLast();
        if (last.source() == Source.HOST) {
            if (route.matches().stream().anyMatch(match -> match.hosts().isEmpty())) {
                at.add(
                        ConfigProblem.BAD_VALUE,
                        "{host} ends the host, and the route takes requests for every host",
                        "name hosts in each of the route's matches");
            }
        } else if (!text.isFixed()
                && !(last.source() == Source.LITERAL
                        && DOMAIN.matcher(last.text()).matches())) {
            at.add(
                    ConfigProblem.BAD_VALUE,
                    "found \"" + ValueText.shown(host)
                            + "\", with which whoever makes the request decides where it leads",
                    "end it with a domain of yours behind a dot, for example {path.shop}.shop.example");
        }
    }
}
