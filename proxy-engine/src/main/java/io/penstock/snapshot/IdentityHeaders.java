package io.penstock.snapshot;

import io.penstock.config.IdentityHeadersConfig;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * How a route's upstream is told who calls. Immutable; an empty name stands for what is not told.
 *
 * @param consumer header of the consumer's name
 * @param groups header of the groups
 * @param subject header of the subject
 * @param credential header of the credential's id
 * @param claims headers of claims, by the claim
 * @param tellsSubjectOfStrangersOnly whether the subject of a consumer is not told
 */
public record IdentityHeaders(
        String consumer,
        String groups,
        String subject,
        String credential,
        List<Map.Entry<String, String>> claims,
        boolean tellsSubjectOfStrangersOnly) {
    static final IdentityHeaders NONE = new IdentityHeaders("", "", "", "", List.of(), false);
    static final IdentityHeaders USUAL = of(IdentityHeadersConfig.USUAL);

    static IdentityHeaders of(Optional<IdentityHeadersConfig> config) {
        return config.map(written -> written.equals(IdentityHeadersConfig.USUAL) ? USUAL : of(written))
                .orElse(NONE);
    }

    private static IdentityHeaders of(IdentityHeadersConfig config) {
        return new IdentityHeaders(
                config.consumer().orElse(""),
                config.groups().orElse(""),
                config.subject().orElse(""),
                config.credential().orElse(""),
                List.copyOf(config.claims().entrySet()),
                config.equals(IdentityHeadersConfig.USUAL));
    }

    /** Names, in lower case, under which no client may say anything. */
    static List<String> guarded(Optional<IdentityHeadersConfig> config) {
        return config.map(written -> written.names().values().stream()
                        .map(name -> name.toLowerCase(Locale.ROOT))
                        .toList())
                .orElse(List.of());
    }
}
