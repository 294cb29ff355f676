package io.penstock.snapshot;

import io.penstock.config.HostHeader;
import io.penstock.filter.AnswerTemplate;
import io.penstock.filter.RedirectLink;
import io.penstock.spi.Answer;
import java.util.Optional;

/** What a route does with a request that came through its filters. */
public sealed interface RouteAction {
    /**
     * Forwards to an upstream.
     *
     * @param upstreamId dense id, valid as long as the snapshot
     */
    record Forward(int upstreamId, String upstream, String service, HostHeader hostHeader) implements RouteAction {}

    /** Goes on as one of several services says. Settled before an exchange comes to act: when the route is found, or {@code auth} is over. */
    record Split(BackendSplit backends) implements RouteAction {}

    /**
     * Answers by itself.
     *
     * @param answer for everyone
     * @param template what is filled for each request instead, if there is one
     */
    record Respond(Answer answer, Optional<AnswerTemplate> template) implements RouteAction {}

    /** Sends the client elsewhere. */
    record Redirect(int status, RedirectLink link) implements RouteAction {}
}
