package io.penstock.filter;

import io.penstock.config.PathEdit;
import io.penstock.config.QueryEdits;
import io.penstock.config.RedirectConfig;
import io.penstock.http.ByteBuilder;
import io.penstock.spi.RequestValues;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Where a redirect sends the client (RFC 9110 section 15.4), made of the route's words and the canonical request. The scheme and
 * the end of the host are the route's, or those that the client came by; no value of a request gets there.
 */
public final class RedirectLink {
    private static final int QUERY_BYTES_MAX = 64 * 1024;
    private static final int HOST_BYTES_MAX = 253;
    private static final int HTTP_PORT = 80;
    private static final int HTTPS_PORT = 443;

    private final Optional<String> scheme;
    private final Optional<Template> host;
    private final Optional<Integer> port;
    private final Optional<PathRewrite> path;
    private final Optional<PathTemplate> wholePath;
    private final boolean keepsQuery;
    private final Optional<QueryRewrite> query;

    private RedirectLink(RedirectConfig config) {
        Optional<String> set = config.path().flatMap(PathEdit::set);
        this.scheme = config.scheme();
        this.host = config.host().map((String text) -> Template.of(text));
        this.port = config.port();
        this.path = config.path().filter(edit -> set.isEmpty()).map((PathEdit edit) -> PathRewrite.of(edit));
        this.wholePath = set.map((String text) -> PathTemplate.of(text));
        this.keepsQuery = config.keepQuery();
        this.query = Optional.of(config.query())
                .filter(edits -> !edits.isEmpty())
                .map((QueryEdits edits) -> new QueryRewrite(edits));
    }

    /** Compiles what the operator wrote. */
    public static RedirectLink of(RedirectConfig config) {
        return new RedirectLink(config);
    }

    /** Whether it names a host itself. */
    public boolean namesHost() {
        return host.isPresent();
    }

    /**
     * The link for a request.
     *
     * @param askedHost by what host the client came, without a port
     * @param askedAuthority the same with its port, where that is not the scheme's own
     * @return null if a value of the request does not fit
     */
    public @Nullable String fill(RequestValues from, String askedHost, String askedAuthority) {
        Template.Filler filler = new Template.Filler();
        ByteBuilder link = new ByteBuilder(256);
        String said = scheme.orElse(from.client().isSecure() ? "https" : "http");
        link.append(said).append("://");
        if (host.isPresent()) {
            if (!host.get().fill(from, Template.Place.HOST, HOST_BYTES_MAX, filler, link)) {
                return null;
            }
        } else {
            link.append(port.isPresent() ? askedHost : askedAuthority);
        }
        int usual = said.equals("https") ? HTTPS_PORT : HTTP_PORT;
        if (port.isPresent() && port.get() != usual) {
            link.append(":" + port.get());
        }
        return appendPath(from, filler, link) && appendQuery(from, filler, link) ? link.toString() : null;
    }

    private boolean appendPath(RequestValues from, Template.Filler filler, ByteBuilder link) {
        if (wholePath.isPresent()) {
            return wholePath.get().fill(from, filler, link);
        }
        link.append(path.map(edit -> edit.apply(from.request()))
                .orElse(from.request().path()));
        return true;
    }

    private boolean appendQuery(RequestValues from, Template.Filler filler, ByteBuilder link) {
        ByteBuilder changed = new ByteBuilder(256);
        byte[] kept = keepsQuery ? from.request().query().getBytes(StandardCharsets.ISO_8859_1) : new byte[0];
        if (query.isEmpty()) {
            changed.append(kept);
        } else if (!query.get().fill(kept, from, filler, new ByteBuilder(256), changed)
                || changed.length() > QUERY_BYTES_MAX) {
            return false;
        }
        if (changed.length() > 0) {
            link.append((byte) '?').append(changed.array(), 0, changed.length());
        }
        return true;
    }
}
