package io.penstock.spi;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Who the request comes from, as an authenticating filter found out.
 *
 * @param consumer the consumer's name in the config, null if the subject is known to the filter only
 * @param subject what the credential says of its bearer, for logs and for the keys of limits; the consumer's name if empty
 * @param groups what the subject belongs to
 * @param claims further facts, as text
 */
public record Identity(@Nullable String consumer, String subject, List<String> groups, Map<String, String> claims) {
    public Identity {
        subject = subject.isEmpty() && consumer != null ? consumer : subject;
        groups = List.copyOf(groups);
        claims = Map.copyOf(claims);
    }
}
