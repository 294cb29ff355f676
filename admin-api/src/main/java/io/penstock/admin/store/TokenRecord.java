package io.penstock.admin.store;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A token as it is kept: never its secret, only the secret's hash.
 *
 * @param id public, unique
 * @param digest SHA-256 of the secret, in hex
 * @param roles names of roles
 * @param tags resources it may touch, by tag; empty means all
 * @param origin how it came to be, e.g. {@code issued}, {@code claimed}, {@code file}
 */
public record TokenRecord(
        String id,
        String name,
        String digest,
        List<String> roles,
        List<String> tags,
        String origin,
        Optional<String> note,
        Instant created,
        String createdBy,
        Optional<Instant> expires,
        Optional<Instant> revoked,
        Optional<Instant> lastUsed) {

    public TokenRecord {
        roles = List.copyOf(roles);
        tags = List.copyOf(tags);
    }

    public TokenRecord withRevoked(Instant at) {
        return new TokenRecord(
                id, name, digest, roles, tags, origin, note, created, createdBy, expires, Optional.of(at), lastUsed);
    }

    public boolean isActive(Instant now) {
        return revoked.isEmpty() && expires.map(now::isBefore).orElse(true);
    }

    /** The record names its token by id; a digest has no place in a log. */
    @Override
    public String toString() {
        return "TokenRecord[id=" + id + ", name=" + name + ", roles=" + roles + "]";
    }
}
