package io.penstock.snapshot;

import io.penstock.config.HostHeader;
import io.penstock.filter.AnswerTemplate;
import io.penstock.filter.PathRewrite;
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

    /**
     * Sends the client elsewhere.
     *
     * @param scheme absent: as the request came
     * @param host absent: the request's
     * @param port absent: the request's with its host, else none is written
     * @param path absent: the request's
     */
    record Redirect(
            int status,
            Optional<String> scheme,
            Optional<String> host,
            Optional<Integer> port,
            Optional<PathRewrite> path,
            boolean keepsQuery)
            implements RouteAction {}
}
