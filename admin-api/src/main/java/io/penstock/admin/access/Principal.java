package io.penstock.admin.access;

import io.penstock.admin.revision.ChangeAuthority;
import io.penstock.admin.revision.PartChange;
import io.penstock.config.Resource;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/**
 * Who a request comes from, once a token was recognised. Immutable.
 *
 * @param actor as the audit log and revisions name them: {@code token:NAME}
 * @param tokenId the token's public id
 * @param roles what they may do
 * @param tags resources they may do it with; empty means all
 * @param isSetup whether it is the setup token, which may only be exchanged
 */
public record Principal(String actor, String tokenId, List<Role> roles, List<String> tags, boolean isSetup) {

    public Principal {
        roles = List.copyOf(roles);
        tags = List.copyOf(tags);
    }

    /** Whether a type of resource may be touched at all; tags may narrow it further. */
    public boolean may(Verb verb, String type) {
        return roles.stream().anyMatch(role -> role.allows(verb, type));
    }

    /** Whether this resource may be touched. */
    public boolean may(Verb verb, String type, Collection<String> resourceTags) {
        return may(verb, type) && (tags.isEmpty() || resourceTags.stream().anyMatch(tags::contains));
    }

    /** The authority of this principal over changes: both sides of a change must be theirs. */
    public ChangeAuthority authority() {
        return this::mayMake;
    }

    private boolean mayMake(PartChange change) {
        return mayWrite(change, change.before()) && mayWrite(change, change.after());
    }

    private boolean mayWrite(PartChange change, Optional<Record> side) {
        if (side.isEmpty()) {
            return may(Verb.WRITE, change.key().type());
        }
        return side.get() instanceof Resource resource
                ? may(Verb.WRITE, change.key().type(), resource.tags())
                : may(Verb.WRITE, change.key().type(), List.of());
    }

    boolean isAdmin() {
        return tags.isEmpty() && roles.contains(Role.ADMIN);
    }
}
