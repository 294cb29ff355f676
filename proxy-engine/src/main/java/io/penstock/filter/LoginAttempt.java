package io.penstock.filter;

import com.nimbusds.jose.util.JSONObjectUtils;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.text.ParseException;
import java.util.Base64;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A login that has begun, as the browser keeps it until it is back.
 *
 * @param state ties the issuer's answer to this browser
 * @param nonce ties the ID token to this attempt
 * @param verifier proves that who has the code is who asked for it (RFC 7636)
 * @param redirectUri where the issuer sends the browser
 * @param returnTo path and query that were asked for at first
 * @param untilMs when it has taken too long
 */
record LoginAttempt(String state, String nonce, String verifier, String redirectUri, String returnTo, long untilMs) {
    static final long LASTS_MS = 600_000;

    private static final int CHANCE_BYTES = 32;
    private static final int RETURN_CHARS_MAX = 1024;

    static LoginAttempt begin(SecureRandom random, String redirectUri, String returnTo, long nowMs) {
        return new LoginAttempt(
                chance(random), chance(random), chance(random), redirectUri, inside(returnTo), nowMs + LASTS_MS);
    }

    private static String chance(SecureRandom random) {
        byte[] bytes = new byte[CHANCE_BYTES];
        random.nextBytes(bytes);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    /** A path of this host, whatever it was; what a browser could take for another host is the root. */
    static String inside(String path) {
        boolean isInside = path.startsWith("/")
                && !path.startsWith("//")
                && path.indexOf('\\') < 0
                && path.length() <= RETURN_CHARS_MAX
                && path.chars().allMatch(c -> c > 0x20 && c < 0x7f);
        return isInside ? path : "/";
    }

    /** The code challenge of the method S256. */
    String challenge() {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(verifier.getBytes(StandardCharsets.US_ASCII));
            return Base64.getUrlEncoder().withoutPadding().encodeToString(digest);
        } catch (NoSuchAlgorithmException missing) {
            throw new IllegalStateException("every Java platform has SHA-256", missing);
        }
    }

    /** Whether an answer with this state is to this attempt; takes the same time whatever it is. */
    boolean isAnsweredBy(String given) {
        return isSame(state, given);
    }

    /** Compares two texts of chance, in a time that tells nothing of where they differ. */
    static boolean isSame(String one, String other) {
        return MessageDigest.isEqual(one.getBytes(StandardCharsets.UTF_8), other.getBytes(StandardCharsets.UTF_8));
    }

    String text() {
        return JSONObjectUtils.toJSONString(
                Map.of("s", state, "n", nonce, "v", verifier, "u", redirectUri, "r", returnTo, "t", untilMs));
    }

    /** What was written so; null if it is anything else. */
    static @Nullable LoginAttempt parse(String text) {
        try {
            Map<String, Object> members = JSONObjectUtils.parse(text);
            return members.get("t") instanceof Number until
                    ? new LoginAttempt(
                            ClaimIdentity.text(members, "s"),
                            ClaimIdentity.text(members, "n"),
                            ClaimIdentity.text(members, "v"),
                            ClaimIdentity.text(members, "u"),
                            inside(ClaimIdentity.text(members, "r")),
                            until.longValue())
                    : null;
        } catch (ParseException | RuntimeException another) {
            return null;
        }
    }
}
