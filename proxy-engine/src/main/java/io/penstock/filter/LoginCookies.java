package io.penstock.filter;

import io.penstock.config.OidcCookieConfig;
import io.penstock.http.ByteBuilder;
import io.penstock.http.Fields;
import io.penstock.mark.WorkerConfined;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Logins in cookies. What does not fit into one is split: the first says how many there are, {@code 2.} and its part, the
 * others have its name with a number behind it. Each attempt has a cookie of its own, so that two tabs may log in at once.
 */
@WorkerConfined
final class LoginCookies {
    /** Browsers keep cookies of 4096 bytes with their names and attributes (RFC 6265 section 6.1). */
    private static final int PART_CHARS_MAX = 3600;

    private static final int PARTS_MAX = 4;
    private static final int ATTEMPTS_MAX = 8;
    private static final int STATE_CHARS = 8;
    private static final String HOST = "__Host-";
    private static final String LOGIN = "login";
    private static final String ATTEMPT = "attempt";

    private final OidcCookieConfig config;
    private final CookieSeal seal;
    private final ByteBuilder value = new ByteBuilder(PART_CHARS_MAX);

    LoginCookies(OidcCookieConfig config, CookieSeal seal) {
        this.config = config;
        this.seal = seal;
    }

    private String name(boolean isSecure) {
        return isSecure ? HOST + config.name() : config.name();
    }

    private static String part(String name, int index) {
        return index == 0 ? name : name + "." + index;
    }

    private String attempt(boolean isSecure, String state) {
        return name(isSecure) + ".s" + state.substring(0, Math.min(STATE_CHARS, state.length()));
    }

    /** The login that a request holds; null if it holds none that was made here. */
    @Nullable
    Login login(Fields fields, boolean isSecure) {
        String name = name(isSecure);
        String first = one(fields, name);
        int dot = first.indexOf('.');
        if (dot != 1 || first.charAt(0) < '1' || first.charAt(0) > '0' + PARTS_MAX) {
            return null;
        }
        StringBuilder whole = new StringBuilder(first.substring(2));
        for (int i = 1; i < first.charAt(0) - '0'; i++) {
            String piece = one(fields, part(name, i));
            if (piece.isEmpty()) {
                return null;
            }
            whole.append(piece);
        }
        String text = seal.open(LOGIN, whole.toString());
        return text == null ? null : Login.parse(text);
    }

    /** Takes a login out of the request: no upstream can do anything good with it. */
    void hide(Fields fields, boolean isSecure) {
        for (int i = 0; i < PARTS_MAX; i++) {
            value.clear();
            if (RequestCookies.find(fields, part(name(isSecure), i), value) > 0) {
                RequestCookies.remove(fields, part(name(isSecure), i));
            }
        }
    }

    /** The attempt that a state belongs to; null if this browser has begun none. */
    @Nullable
    LoginAttempt attempt(Fields fields, boolean isSecure, String state) {
        String text = seal.open(ATTEMPT, one(fields, attempt(isSecure, state)));
        return text == null ? null : LoginAttempt.parse(text);
    }

    // Of two with one name somebody else may have put one there.
    private String one(Fields fields, String name) {
        value.clear();
        return RequestCookies.find(fields, name, value) == 1
                ? new String(value.array(), 0, value.length(), StandardCharsets.ISO_8859_1)
                : "";
    }

    /** What sets a login; empty if it does not fit. */
    List<String> set(Login login, boolean isSecure, long nowMs) {
        String sealed = seal.seal(LOGIN, login.text());
        int parts = (sealed.length() + PART_CHARS_MAX - 1) / PART_CHARS_MAX;
        if (parts > PARTS_MAX) {
            return List.of();
        }
        List<String> set = new ArrayList<>();
        for (int i = 0; i < parts; i++) {
            int begin = i * PART_CHARS_MAX;
            String piece = sealed.substring(begin, Math.min(sealed.length(), begin + PART_CHARS_MAX));
            set.add(cookie(
                    part(name(isSecure), i),
                    i == 0 ? parts + "." + piece : piece,
                    Math.max(1, (login.untilMs() - nowMs) / 1000),
                    isSecure));
        }
        return set;
    }

    /** What ends a login. */
    List<String> end(Fields fields, boolean isSecure) {
        List<String> ended = new ArrayList<>();
        for (int i = 0; i < PARTS_MAX; i++) {
            String name = part(name(isSecure), i);
            value.clear();
            if (i == 0 || RequestCookies.find(fields, name, value) > 0) {
                ended.add(cookie(name, "", 0, isSecure));
            }
        }
        return ended;
    }

    /** What sets an attempt, and ends those that have become too many. */
    List<String> set(LoginAttempt attempt, Fields fields, boolean isSecure) {
        List<String> set = new ArrayList<>();
        String prefix = name(isSecure) + ".s";
        List<String> earlier = RequestCookies.names(fields, prefix);
        if (earlier.size() >= ATTEMPTS_MAX) {
            earlier.forEach(name -> set.add(cookie(name, "", 0, isSecure)));
        }
        set.add(cookie(
                attempt(isSecure, attempt.state()),
                seal.seal(ATTEMPT, attempt.text()),
                LoginAttempt.LASTS_MS / 1000,
                isSecure));
        return set;
    }

    /** What ends an attempt. */
    String end(LoginAttempt attempt, boolean isSecure) {
        return cookie(attempt(isSecure, attempt.state()), "", 0, isSecure);
    }

    private static String cookie(String name, String value, long seconds, boolean isSecure) {
        return name + "=" + value + "; Path=/; Max-Age=" + seconds + "; HttpOnly; SameSite=Lax"
                + (isSecure ? "; Secure" : "");
    }
}
