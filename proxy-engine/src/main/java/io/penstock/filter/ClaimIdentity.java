package io.penstock.filter;

import io.penstock.spi.Credential;
import io.penstock.spi.Identity;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Who calls, by what an issuer says of the bearer of a token.
 *
 * @param consumerClaim the claim whose text is the name of a consumer; empty where callers are known by their subject
 * @param groupsClaim the claim that lists the caller's groups
 */
record ClaimIdentity(Optional<String> consumerClaim, Optional<String> groupsClaim) {
    private static final int CLAIMS_MAX = 32;
    private static final int CLAIM_CHARS_MAX = 512;
    private static final int GROUPS_MAX = 64;

    /** The identity; null if a consumer has to be named, and none that exists is. */
    @Nullable
    Identity of(Map<String, Object> claims, String subject, Credential.Lookup consumers) {
        String consumer = null;
        if (consumerClaim.isPresent()) {
            if (!(claims.get(consumerClaim.get()) instanceof String name) || consumers.consumer(name) == null) {
                return null;
            }
            consumer = name;
        }
        List<String> groups = groupsClaim.map(name -> texts(claims.get(name))).orElse(List.of());
        return new Identity(consumer, subject, groups, facts(claims));
    }

    /** Text of a claim; empty if it is none. */
    static String text(Map<String, Object> claims, String name) {
        return claims.get(name) instanceof String text ? text : "";
    }

    private static Map<String, String> facts(Map<String, Object> claims) {
        Map<String, String> facts = new HashMap<>();
        claims.forEach((name, value) -> {
            String text = value instanceof String || value instanceof Number || value instanceof Boolean
                    ? value.toString()
                    : "";
            if (!text.isEmpty() && text.length() <= CLAIM_CHARS_MAX && facts.size() < CLAIMS_MAX) {
                facts.put(name, text);
            }
        });
        return facts;
    }

    /** The texts of a list; none if it is no list. */
    static List<String> list(@Nullable Object claim) {
        return claim instanceof List<?> ? texts(claim) : List.of();
    }

    /** A list of texts, or the words of one text. */
    static List<String> texts(@Nullable Object claim) {
        List<String> texts = new ArrayList<>();
        if (claim instanceof String words) {
            texts.addAll(List.of(words.strip().split(" +", -1)));
        } else if (claim instanceof List<?> list) {
            for (Object element : list) {
                if (element instanceof String text) {
                    texts.add(text);
                }
            }
        }
        texts.removeIf(text -> text.isEmpty() || text.length() > CLAIM_CHARS_MAX);
        return texts.size() > GROUPS_MAX ? texts.subList(0, GROUPS_MAX) : texts;
    }
}
