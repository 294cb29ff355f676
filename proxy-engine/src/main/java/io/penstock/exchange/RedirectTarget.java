package io.penstock.exchange;

import io.penstock.snapshot.RouteAction;
import io.penstock.spi.Answer;
import io.penstock.spi.RequestView;
import java.util.List;
import java.util.Map;

/** Where a redirect sends the client (RFC 9110 section 15.4), made of the route's words and the canonical request. */
final class RedirectTarget {
    private static final byte[] NO_BODY = {};

    private RedirectTarget() {}

    /**
     * The answer.
     *
     * @param asked known, unless the redirect names a host itself
     */
    static Answer answer(RouteAction.Redirect redirect, RequestView request, LinkAuthority asked, boolean isSecure) {
        StringBuilder location = new StringBuilder(64);
        String scheme = redirect.scheme().orElse(isSecure ? "https" : "http");
        location.append(scheme).append("://");
        if (redirect.host().isPresent() || redirect.port().isPresent()) {
            location.append(redirect.host().orElse(asked.host()));
            redirect.port()
                    .filter(port -> port != (scheme.equals("https") ? 443 : 80))
                    .ifPresent(port -> location.append(':').append((int) port));
        } else {
            location.append(asked.authority());
        }
        location.append(redirect.path().map(rewrite -> rewrite.apply(request)).orElse(request.path()));
        if (redirect.keepsQuery() && !request.query().isEmpty()) {
            location.append('?').append(request.query());
        }
        return new Answer(redirect.status(), List.of(Map.entry("Location", location.toString())), NO_BODY);
    }
}
