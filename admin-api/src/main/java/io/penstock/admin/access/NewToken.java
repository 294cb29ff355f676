package io.penstock.admin.access;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * A wish for a token.
 *
 * @param name what people call it, 1 to 128 visible characters
 * @param roles names of roles, at least one
 * @param tags resources it may touch; empty means all
 * @param expiresIn its life; absent means until revoked
 */
public record NewToken(
        String name, List<String> roles, List<String> tags, Optional<Duration> expiresIn, Optional<String> note) {

    public NewToken {
        roles = List.copyOf(roles);
        tags = List.copyOf(tags);
    }
}
