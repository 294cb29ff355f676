package io.penstock.admin.access;

import io.penstock.admin.revision.ChangeAuthority;
import io.penstock.admin.revision.PartChange;
import io.penstock.config.Resource;
import io.penstock.config.ResourceType;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

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
        return roles.stream().anyMatch(role -> role.allows(verb, type, resourceTags))
                && (tags.isEmpty() || resourceTags.stream().anyMatch(tags::contains));
    }

    /** Whether both sides of a change may be seen. */
    public boolean maySee(PartChange change) {
        return maySee(change, change.before()) && maySee(change, change.after());
    }

    private boolean maySee(PartChange change, Optional<Record> side) {
        return side.map(part -> may(
                        Verb.READ,
                        change.key().type(),
                        part instanceof Resource resource ? resource.tags() : List.of()))
                .orElse(true);
    }

    /**
     * Whether this principal may do all that a role allows: nobody gives away more than they have.
     *
     * @param narrowedTo the tags that the role's bearer would be held to, empty for none
     */
    boolean covers(Role role, Collection<String> narrowedTo) {
        if (!tags.isEmpty() && (narrowedTo.isEmpty() || !tags.containsAll(narrowedTo))) {
            return false;
        }
        return role.grants().stream().allMatch(this::covers);
    }

    // Grants speak of types by name or of all others alike, so the names in any of them and one that is in none stand
    // for all types there are.
    private boolean covers(Grant wanted) {
        Set<String> types = new HashSet<>();
        types.add("");
        Stream.concat(Stream.of(wanted), roles.stream().flatMap(role -> role.grants().stream()))
                .flatMap(grant -> grant.types().stream())
                .forEach(type -> types.add(type.startsWith("-") ? type.substring(1) : type));
        for (ResourceType type : ResourceType.values()) {
            types.add(type.apiName());
        }
        for (Verb verb : wanted.verbs()) {
            for (String type : types) {
                if (!type.equals("*") && wanted.allows(verb, type) && !covers(verb, type, wanted.tags())) {
                    return false;
                }
            }
        }
        return true;
    }

    private boolean covers(Verb verb, String type, Set<String> wantedTags) {
        Stream<Grant> own = roles.stream().flatMap(role -> role.grants().stream());
        // Each tag by itself: a resource that bears only this one must be theirs.
        return wantedTags.isEmpty()
                ? own.anyMatch(grant -> grant.tags().isEmpty() && grant.allows(verb, type))
                : wantedTags.stream()
                        .allMatch(tag -> roles.stream().anyMatch(role -> role.allows(verb, type, List.of(tag))));
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
