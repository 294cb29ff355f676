package io.penstock.snapshot;

import io.penstock.config.EffectiveRoute;
import io.penstock.config.HostHeader;
import io.penstock.config.RedirectConfig;
import io.penstock.config.RespondConfig;
import io.penstock.config.RouteConfig;
import io.penstock.config.ServiceConfig;
import io.penstock.filter.AnswerTemplate;
import io.penstock.filter.RedirectLink;
import io.penstock.spi.Answer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToIntFunction;

/** Compiles what routes do at the end of their filters: forward, respond or redirect. */
final class RouteActions {
    private static final byte[] NO_BODY = {};

    private RouteActions() {}

    /**
     * What a route does with a request that came through its filters.
     *
     * @param upstreamIds the id of each upstream
     */
    static RouteAction of(EffectiveRoute effective, ToIntFunction<String> upstreamIds) {
        RouteConfig route = effective.route();
        if (route.respond().isPresent()) {
            RespondConfig respond = route.respond().get();
            Answer answer = answer(respond);
            return new RouteAction.Respond(
                    answer,
                    Optional.of(respond)
                            .filter(RespondConfig::templates)
                            .map(any -> new AnswerTemplate(
                                    respond.status(),
                                    answer.headers(),
                                    respond.body().orElse(""),
                                    respond.contentType())));
        }
        if (route.redirect().isPresent()) {
            RedirectConfig redirect = route.redirect().get();
            return new RouteAction.Redirect(redirect.status(), RedirectLink.of(redirect));
        }
        if (route.upstream().isPresent()) {
            String upstream = route.upstream().get();
            return new RouteAction.Forward(upstreamIds.applyAsInt(upstream), upstream, "", HostHeader.PRESERVE);
        }
        ServiceConfig service = effective.service().orElseThrow();
        return new RouteAction.Forward(
                upstreamIds.applyAsInt(service.upstream()), service.upstream(), service.name(), service.hostHeader());
    }

    private static Answer answer(RespondConfig respond) {
        List<Map.Entry<String, String>> headers = new ArrayList<>();
        byte[] body = respond.body()
                .map(text -> text.getBytes(StandardCharsets.UTF_8))
                .orElse(NO_BODY);
        boolean namesType = respond.headers().keySet().stream().anyMatch(name -> name.equalsIgnoreCase("Content-Type"));
        if (respond.body().isPresent() && !namesType) {
            headers.add(Map.entry("Content-Type", respond.contentType()));
        }
        respond.headers().forEach((name, value) -> headers.add(Map.entry(name, value)));
        return new Answer(respond.status(), headers, body);
    }
}
