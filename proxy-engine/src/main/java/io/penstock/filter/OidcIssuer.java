package io.penstock.filter;

import com.nimbusds.jose.JWSObject;
import com.nimbusds.jose.util.JSONObjectUtils;
import io.penstock.config.OidcAuthConfig;
import io.penstock.mark.WorkerConfined;
import io.penstock.spi.FilterWorker;
import java.net.URI;
import java.text.ParseException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What one worker knows of an issuer: where it is asked what (OpenID Connect Discovery 1.0) and by which keys it signs. Both are
 * read beside the workers, kept for a while, and used as they were while they cannot be read.
 */
@WorkerConfined
final class OidcIssuer {
    private static final String WELL_KNOWN = "/.well-known/openid-configuration";
    private static final Duration TTL = Duration.ofMinutes(10);
    private static final int WAITING_MAX = 4096;

    /**
     * What an issuer publishes of itself.
     *
     * @param authorize where browsers are sent
     * @param token where codes are redeemed
     * @param keys where its keys are
     * @param takesPost whether the gateway's secret goes into the body, since the Basic scheme is not taken
     * @param namesItself whether each of its answers says whose it is (RFC 9207)
     */
    record Published(String authorize, OwnTarget token, URI keys, boolean takesPost, boolean namesItself) {}

    private final OidcAuthConfig config;
    private final KeySets documents;
    private final URI address;
    private final Set<String> algorithms;
    private final List<Runnable> waiting = new ArrayList<>();
    private @Nullable Published published;
    private @Nullable IssuerKeys keys;
    private String keysText = "";
    private long publishedAtNs;
    private long keysAtNs;
    private boolean isAsking;

    OidcIssuer(OidcAuthConfig config, KeySets documents) {
        this.config = config;
        this.documents = documents;
        String issuer = config.issuer();
        this.address =
                URI.create((issuer.endsWith("/") ? issuer.substring(0, issuer.length() - 1) : issuer) + WELL_KNOWN);
        this.algorithms = Set.copyOf(config.algorithms());
    }

    /** Gives what is published, now or later on this worker; null if it cannot be known. */
    void published(FilterWorker worker, Consumer<@Nullable Published> then) {
        if (published != null && worker.nowNs() - publishedAtNs < TTL.toNanos()) {
            then.accept(published);
            return;
        }
        if (waiting.size() >= WAITING_MAX) {
            // Exchanges that are long over may wait here too, until the document is read or given up.
            then.accept(published);
            return;
        }
        waiting.add(() -> then.accept(published));
        if (!isAsking) {
            isAsking = true;
            documents.ask(address, TTL, false, text -> worker.post(() -> heard(text, worker)));
        }
    }

    private void heard(String text, FilterWorker worker) {
        isAsking = false;
        Published read = read(text);
        if (read != null) {
            published = read;
        }
        // As long as the reader serves an old one it is as good as it was.
        publishedAtNs = worker.nowNs();
        List<Runnable> those = List.copyOf(waiting);
        waiting.clear();
        those.forEach(Runnable::run);
    }

    private @Nullable Published read(String text) {
        try {
            Map<String, Object> said = JSONObjectUtils.parse(text);
            String authorize = ClaimIdentity.text(said, "authorization_endpoint");
            URI token = URI.create(ClaimIdentity.text(said, "token_endpoint"));
            URI jwks = URI.create(ClaimIdentity.text(said, "jwks_uri"));
            URI browser = URI.create(authorize);
            List<String> ways = ClaimIdentity.list(said.get("token_endpoint_auth_methods_supported"));
            boolean isTrusted = config.issuer().equals(said.get("issuer"))
                    && isHttp(browser)
                    && isHttp(jwks)
                    && "http".equals(token.getScheme())
                    && token.getHost() != null
                    && (config.insecure()
                            || token.getHost()
                                    .equals(URI.create(config.issuer()).getHost()));
            return isTrusted
                    ? new Published(
                            authorize,
                            OwnTarget.of(token.toString()),
                            jwks,
                            !ways.isEmpty() && !ways.contains("client_secret_basic"),
                            Boolean.TRUE.equals(said.get("authorization_response_iss_parameter_supported")))
                    : null;
        } catch (ParseException | RuntimeException nonsense) {
            return null;
        }
    }

    private static boolean isHttp(URI uri) {
        return ("https".equals(uri.getScheme()) || "http".equals(uri.getScheme()))
                && uri.getHost() != null
                && uri.getUserInfo() == null
                && uri.getFragment() == null;
    }

    /** Says whether the issuer has signed a token, now or later on this worker. */
    void verify(JWSObject token, Published at, FilterWorker worker, Consumer<Boolean> then) {
        IssuerKeys present = keys;
        boolean isOld = worker.nowNs() - keysAtNs > TTL.toNanos();
        IssuerKeys.Outcome outcome = present == null || isOld ? IssuerKeys.Outcome.NO_KEY : present.verify(token);
        if (outcome != IssuerKeys.Outcome.NO_KEY
                || !algorithms.contains(token.getHeader().getAlgorithm().getName())) {
            then.accept(outcome == IssuerKeys.Outcome.GOOD);
            return;
        }
        documents.ask(
                at.keys(),
                TTL,
                present != null && !isOld,
                text -> worker.post(() -> {
                    learn(text, worker);
                    IssuerKeys known = keys;
                    then.accept(known != null && known.verify(token) == IssuerKeys.Outcome.GOOD);
                }));
    }

    private void learn(String text, FilterWorker worker) {
        keysAtNs = worker.nowNs();
        if (!text.isEmpty() && !text.equals(keysText)) {
            try {
                keys = IssuerKeys.parse(text, algorithms);
                keysText = text;
            } catch (ParseException | RuntimeException noSet) {
                // What was there goes on; the reader cannot know what makes a set.
                keysText = keys == null ? "" : keysText;
            }
        }
    }
}
