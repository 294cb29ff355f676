package io.penstock.filter;

import com.nimbusds.jose.util.JSONObjectUtils;
import io.penstock.spi.Identity;
import java.text.ParseException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A person who has logged in, as the browser keeps it.
 *
 * @param identity who it is
 * @param freshUntilMs until when the issuer vouches for it
 * @param untilMs when it ends, however often it is refreshed
 * @param refreshToken what the issuer is asked with to vouch for longer; empty if it gave none
 */
record Login(Identity identity, long freshUntilMs, long untilMs, String refreshToken) {
    String text() {
        Map<String, Object> members = new LinkedHashMap<>();
        if (identity.consumer() != null) {
            members.put("c", identity.consumer());
        }
        members.put("s", identity.subject());
        members.put("g", identity.groups());
        members.put("m", identity.claims());
        members.put("f", freshUntilMs);
        members.put("u", untilMs);
        members.put("r", refreshToken);
        return JSONObjectUtils.toJSONString(members);
    }

    /** What was written so; null if it is anything else. */
    static @Nullable Login parse(String text) {
        try {
            Map<String, Object> members = JSONObjectUtils.parse(text);
            Map<String, String> claims = new LinkedHashMap<>();
            if (members.get("m") instanceof Map<?, ?> kept) {
                kept.forEach((name, value) -> claims.put(String.valueOf(name), String.valueOf(value)));
            }
            String consumer = members.get("c") instanceof String name ? name : null;
            return members.get("f") instanceof Number fresh && members.get("u") instanceof Number until
                    ? new Login(
                            new Identity(
                                    consumer,
                                    ClaimIdentity.text(members, "s"),
                                    ClaimIdentity.list(members.get("g")),
                                    claims),
                            fresh.longValue(),
                            until.longValue(),
                            ClaimIdentity.text(members, "r"))
                    : null;
        } catch (ParseException | RuntimeException another) {
            return null;
        }
    }
}
