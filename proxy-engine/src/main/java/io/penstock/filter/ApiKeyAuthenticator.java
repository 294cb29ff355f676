package io.penstock.filter;

import io.penstock.config.ApiKeyAuthConfig;
import io.penstock.http.ByteBuilder;
import io.penstock.http.Fields;
import io.penstock.mark.WorkerConfined;
import io.penstock.metrics.Reason;
import io.penstock.spi.AuthenticatorProvider;
import io.penstock.spi.Credential;
import io.penstock.spi.Filter;
import io.penstock.spi.FilterCall;
import io.penstock.spi.RequestView;
import io.penstock.spi.Verdict;
import java.util.Locale;

/**
 * Finds a key in a header, a query parameter or a cookie, and by it the consumer. An empty one is none; two are a fault,
 * since the upstream might read the other.
 */
@WorkerConfined
public final class ApiKeyAuthenticator implements Filter {
    /** A longer key is nobody's, and costs no digest. */
    static final int KEY_BYTES_MAX = 4096;

    private static final Verdict TWICE = new Verdict.Failed(Reason.CREDENTIAL_INVALID, "the key stands there twice");
    private static final Verdict TOO_LONG = new Verdict.Failed(Reason.CREDENTIAL_INVALID, "the key is too long");
    private static final Verdict UNKNOWN = new Verdict.Failed(Reason.CREDENTIAL_INVALID, "nobody has this key");
    private static final Verdict EXPIRED = new Verdict.Failed(Reason.CREDENTIAL_EXPIRED, "the key has expired");

    private enum Place {
        HEADER,
        QUERY,
        COOKIE
    }

    private final Place place;
    private final String name;
    private final boolean isHidden;
    private final String challenge;
    private final ByteBuilder key = new ByteBuilder(128);

    private ApiKeyAuthenticator(ApiKeyAuthConfig config) {
        this.place =
                config.query().isPresent() ? Place.QUERY : config.cookie().isPresent() ? Place.COOKIE : Place.HEADER;
        String written = config.query().or(config::cookie).or(config::header).orElse(ApiKeyAuthConfig.HEADER_DEFAULT);
        this.name = place == Place.HEADER ? written.toLowerCase(Locale.ROOT) : written;
        this.isHidden = config.hideCredential();
        // No registered scheme is meant; RFC 9110 section 11.6.1 demands a challenge, and this one says what is
        // missing.
        this.challenge = "ApiKey realm=\"api\", in=\"" + place.name().toLowerCase(Locale.ROOT) + "\", name=\""
                + written.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
    }

    /** The provider of {@code type: apiKey}. */
    public static AuthenticatorProvider provider() {
        return Authenticator.provider(ApiKeyAuthConfig.class, config -> () -> new ApiKeyAuthenticator(config));
    }

    @Override
    public Verdict onRequest(RequestView request, FilterCall call) {
        call.challenge(challenge);
        key.clear();
        int found = switch (place) {
            case HEADER -> header(request.fields());
            case QUERY -> request.queryParameter(name, key);
            case COOKIE -> RequestCookies.find(request.fields(), name, key);
        };
        if (found == 0 || (found == 1 && key.length() == 0)) {
            return Verdict.CONTINUE;
        }
        if (isHidden) {
            hide(request);
        }
        if (found > 1) {
            return TWICE;
        }
        if (key.length() > KEY_BYTES_MAX) {
            return TOO_LONG;
        }
        Credential credential = call.worker().credentials().apiKey(key.array(), 0, key.length());
        if (credential == null) {
            return UNKNOWN;
        }
        if (credential.isExpired(call.worker().epochMs())) {
            return EXPIRED;
        }
        call.identify(credential);
        return Verdict.CONTINUE;
    }

    private int header(Fields fields) {
        int at = fields.find(name);
        if (at < 0) {
            return 0;
        }
        key.append(fields.bytes(), fields.valueOffset(at), fields.valueLength(at));
        return fields.find(name, at + 1) < 0 ? 1 : 2;
    }

    private void hide(RequestView request) {
        switch (place) {
            case HEADER -> request.fields().remove(name);
            case QUERY -> request.removeQueryParameter(name);
            case COOKIE -> RequestCookies.remove(request.fields(), name);
        }
    }
}
