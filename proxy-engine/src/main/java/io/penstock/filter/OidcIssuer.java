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
 * What one entry on one worker knows of an issuer: where it is asked what (OpenID Connect Discovery 1.0) and by which keys it signs. Both
 * are kept for a while, and used as they were while they cannot be read.
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
    private KeySets.Document latest = KeySets.Document.read("");
    private KeySets.Document latestKeys = KeySets.Document.read("");
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
            documents.ask(worker, address, config.ownTls(), TTL, false, document -> heard(document, worker));
        }
    }

    /** What was last heard of its configuration, or else of its keys: if they could not be read, it says why. */
    KeySets.Document latest() {
        return latest.code().isEmpty() ? latestKeys : latest;
    }

    private void heard(KeySets.Document document, FilterWorker worker) {
        isAsking = false;
        latest = document;
        if (!document.text().isEmpty()) {
            try {
                published = read(document.text());
            } catch (ParseException notOurs) {
                latest = document.unread("bad-issuer", String.valueOf(notOurs.getMessage()));
            } catch (RuntimeException nonsense) {
                latest = document.unread("bad-issuer", "what it publishes of itself cannot be understood");
            }
        }
        // As long as the reader serves an old one it is as good as it was.
        publishedAtNs = worker.nowNs();
        List<Runnable> those = List.copyOf(waiting);
        waiting.clear();
        those.forEach(Runnable::run);
    }

    private Published read(String text) throws ParseException {
        Map<String, Object> said = JSONObjectUtils.parse(text);
        if (!config.issuer().equals(said.get("issuer"))) {
            throw new ParseException("what it publishes is of another issuer", 0);
        }
        String authorize = ClaimIdentity.text(said, "authorization_endpoint");
        String token = ClaimIdentity.text(said, "token_endpoint");
        String keysAt = ClaimIdentity.text(said, "jwks_uri");
        URI issuer = URI.create(config.issuer());
        URI tokenAt = checked("token_endpoint", token, issuer);
        boolean isOfIssuer = tokenAt.getHost().equals(issuer.getHost());
        if (!isSecure(tokenAt) && !isOfIssuer && !config.insecure()) {
            throw new ParseException("its token_endpoint is in clear text, and on another host", 0);
        }
        checked("authorization_endpoint", authorize, issuer);
        List<String> ways = ClaimIdentity.list(said.get("token_endpoint_auth_methods_supported"));
        return new Published(
                authorize,
                OwnTarget.of(token, config.ownTls()),
                checked("jwks_uri", keysAt, issuer),
                !ways.isEmpty() && !ways.contains("client_secret_basic"),
                Boolean.TRUE.equals(said.get("authorization_response_iss_parameter_supported")));
    }

    // What an issuer says by TLS must not lead out of it.
    private static URI checked(String member, String text, URI issuer) throws ParseException {
        URI uri = text.isEmpty() ? issuer : URI.create(text);
        boolean isHttp = isSecure(uri) || "http".equalsIgnoreCase(uri.getScheme());
        if (text.isEmpty()
                || !isHttp
                || uri.getHost() == null
                || uri.getUserInfo() != null
                || uri.getFragment() != null) {
            throw new ParseException("its " + member + " is no http or https URL", 0);
        }
        if (isSecure(issuer) && !isSecure(uri)) {
            throw new ParseException("its " + member + " is in clear text, and the issuer is not", 0);
        }
        return uri;
    }

    private static boolean isSecure(URI uri) {
        return "https".equalsIgnoreCase(uri.getScheme());
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
        documents.ask(worker, at.keys(), config.ownTls(), TTL, present != null && !isOld, document -> {
            learn(document, worker);
            IssuerKeys known = keys;
            then.accept(known != null && known.verify(token) == IssuerKeys.Outcome.GOOD);
        });
    }

    private void learn(KeySets.Document document, FilterWorker worker) {
        String text = document.text();
        keysAtNs = worker.nowNs();
        latestKeys = document;
        if (!text.isEmpty() && !text.equals(keysText)) {
            try {
                keys = IssuerKeys.parse(text, algorithms);
                keysText = text;
            } catch (ParseException | RuntimeException noSet) {
                // What was there goes on; the reader cannot know what makes a set.
                keysText = keys == null ? "" : keysText;
                latestKeys = document.unread(
                        "no-keys", "what is at jwks_uri is no set of public keys: " + noSet.getMessage());
            }
        }
    }
}
