package io.penstock.filter;

import io.penstock.config.HmacAuthConfig;
import io.penstock.consumer.Base64Text;
import io.penstock.http.Fields;
import io.penstock.mark.WorkerConfined;
import io.penstock.metrics.Reason;
import io.penstock.spi.AuthenticatorProvider;
import io.penstock.spi.Credential;
import io.penstock.spi.Filter;
import io.penstock.spi.FilterCall;
import io.penstock.spi.FilterWorker;
import io.penstock.spi.RequestView;
import io.penstock.spi.Verdict;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * HTTP message signatures with a shared secret (RFC 9421, hmac-sha256). The time of creation has to be near the gateway's
 * clock, and a signature counts once as long as it would be: over all workers, by the same table as rate limits. The
 * signature covers what the client sent, hence also the path as it was written.
 */
@WorkerConfined
public final class HmacAuthenticator implements Filter {
    private static final String INPUT = "signature-input";
    private static final String SIGNATURE = "signature";
    private static final String CHALLENGE = "Signature realm=\"api\", algorithm=\"hmac-sha256\"";
    private static final String HMAC = "HmacSHA256";
    private static final int MAC_BYTES = 32;
    private static final long SECOND_MS = 1000;
    private static final long SECOND_NS = 1_000_000_000L;

    private static final Verdict MALFORMED = new Verdict.Failed(
            Reason.CREDENTIAL_INVALID, "the signature's fields are malformed, or of a kind that is not taken");
    private static final Verdict UNCOVERED =
            new Verdict.Failed(Reason.CREDENTIAL_INVALID, "the signature does not cover what it has to");
    private static final Verdict WRONG =
            new Verdict.Failed(Reason.CREDENTIAL_INVALID, "the signature is not that of this request and key");
    private static final Verdict STALE = new Verdict.Failed(
            Reason.CREDENTIAL_EXPIRED, "the signature was created too long ago, or ahead of time, or has expired");
    private static final Verdict EXPIRED = new Verdict.Failed(Reason.CREDENTIAL_EXPIRED, "the secret has expired");
    private static final Verdict REPLAYED =
            new Verdict.Failed(Reason.CREDENTIAL_REPLAYED, "this very signature was used before");
    private static final Verdict FULL =
            new Verdict.Failed(Reason.AUTH_BUSY, "the table that remembers signatures is full");

    private final List<String> required;
    private final long skewSeconds;
    private final boolean isHidden;
    private final byte[] mac = new byte[MAC_BYTES + 2];

    private HmacAuthenticator(HmacAuthConfig config) {
        this.required = config.components();
        this.skewSeconds = config.clockSkew().toSeconds();
        this.isHidden = config.hideCredential();
    }

    /** The provider of {@code type: hmac}. */
    public static AuthenticatorProvider provider() {
        return Authenticator.provider(HmacAuthConfig.class, config -> () -> new HmacAuthenticator(config));
    }

    @Override
    public Verdict onRequest(RequestView request, FilterCall call) {
        call.challenge(CHALLENGE);
        Fields fields = request.fields();
        int input = fields.find(INPUT);
        int signature = fields.find(SIGNATURE);
        if (input < 0 && signature < 0) {
            return Verdict.CONTINUE;
        }
        if (input < 0
                || signature < 0
                || fields.find(INPUT, input + 1) >= 0
                || fields.find(SIGNATURE, signature + 1) >= 0) {
            return MALFORMED;
        }
        Optional<MessageSignature> parsed = MessageSignature.parse(fields.value(input), fields.value(signature));
        if (parsed.isEmpty()) {
            return MALFORMED;
        }
        return check(parsed.get(), request, call);
    }

    private Verdict check(MessageSignature signature, RequestView request, FilterCall call) {
        if (!signature.components().containsAll(required)) {
            return UNCOVERED;
        }
        FilterWorker worker = call.worker();
        long nowMs = worker.epochMs();
        long now = Math.floorDiv(nowMs, SECOND_MS);
        if (Math.abs(now - signature.created()) > skewSeconds || signature.expires() < now) {
            return STALE;
        }
        byte[] keyId = signature.keyId().getBytes(StandardCharsets.UTF_8);
        Credential credential = worker.credentials().keyId(keyId, 0, keyId.length);
        byte[] base64 = signature.signature().getBytes(StandardCharsets.US_ASCII);
        int size = Base64Text.decode(base64, 0, base64.length, mac);
        String base = base(signature, request, call.client().isSecure());
        if (credential == null || size != MAC_BYTES || base == null || !isSigned(credential.proof(), base)) {
            return WRONG;
        }
        if (credential.isExpired(nowMs)) {
            return EXPIRED;
        }
        // Twice the skew: a signature made ahead of the clock counts so long.
        long waitNs = worker.takeOnce("signature/" + credential.id(), mac, MAC_BYTES, 2 * skewSeconds * SECOND_NS);
        if (waitNs != 0) {
            return waitNs == FilterWorker.TABLE_FULL ? FULL : REPLAYED;
        }
        if (isHidden) {
            request.fields().remove(INPUT);
            request.fields().remove(SIGNATURE);
        }
        call.identify(credential);
        return Verdict.CONTINUE;
    }

    private boolean isSigned(byte[] secret, String base) {
        try {
            Mac hmac = Mac.getInstance(HMAC);
            hmac.init(new SecretKeySpec(secret, HMAC));
            byte[] expected = hmac.doFinal(base.getBytes(StandardCharsets.ISO_8859_1));
            byte[] found = new byte[MAC_BYTES];
            System.arraycopy(mac, 0, found, 0, MAC_BYTES);
            return MessageDigest.isEqual(expected, found);
        } catch (GeneralSecurityException missing) {
            throw new IllegalStateException("every Java platform has HMAC-SHA256", missing);
        }
    }

    /** What is signed (RFC 9421 section 2.5); null if the request lacks a part of it. */
    private static @Nullable String base(MessageSignature signature, RequestView request, boolean isSecure) {
        StringBuilder base = new StringBuilder(512);
        for (String component : signature.components()) {
            String value = value(component, request, isSecure);
            if (value == null) {
                return null;
            }
            base.append('"').append(component).append("\": ").append(value).append('\n');
        }
        return base.append("\"@signature-params\": ")
                .append(signature.parameters())
                .toString();
    }

    private static @Nullable String value(String component, RequestView request, boolean isSecure) {
        return switch (component) {
            case "@method" -> request.method();
            case "@authority" -> authority(request, isSecure);
            case "@path" -> {
                String target = request.target();
                int mark = target.indexOf('?');
                yield mark < 0 ? target : target.substring(0, mark);
            }
            case "@query" -> {
                String target = request.target();
                int mark = target.indexOf('?');
                yield mark < 0 ? "?" : target.substring(mark);
            }
            default -> component.startsWith("@") ? null : field(component, request.fields());
        };
    }

    private static String authority(RequestView request, boolean isSecure) {
        int host = request.fields().find("host");
        String authority =
                host < 0 ? request.host() : request.fields().value(host).toLowerCase(Locale.ROOT);
        String port = isSecure ? ":443" : ":80";
        return authority.endsWith(port) ? authority.substring(0, authority.length() - port.length()) : authority;
    }

    private static @Nullable String field(String name, Fields fields) {
        StringBuilder value = new StringBuilder();
        boolean isFirst = true;
        for (int at = fields.find(name); at >= 0; at = fields.find(name, at + 1)) {
            value.append(isFirst ? "" : ", ").append(fields.value(at));
            isFirst = false;
        }
        return isFirst ? null : value.toString();
    }
}
