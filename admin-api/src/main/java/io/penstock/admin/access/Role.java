package io.penstock.admin.access;

import java.util.Collection;
import java.util.List;
import java.util.Set;

/**
 * A named set of grants.
 *
 * @param name as tokens name it
 * @param description one sentence
 */
public record Role(String name, String description, List<Grant> grants) {

    private static final Grant READS_ROLES = new Grant(Set.of(Verb.READ), Set.of("roles"));

    /** Everything that is configured and observed, but neither tokens nor the audit log. */
    public static final Role VIEWER = new Role(
            "viewer",
            "Sees the configuration, its revisions and what was observed.",
            List.of(new Grant(Set.of(Verb.READ), Grant.ALL_BUT_ACCESS), READS_ROLES));

    /** State, not configuration. */
    public static final Role OPERATOR = new Role(
            "operator",
            "Sees what a viewer sees, and changes state: drain, health, confirm.",
            List.of(new Grant(Set.of(Verb.READ, Verb.OPERATE), Grant.ALL_BUT_ACCESS), READS_ROLES));

    /** Configuration. */
    public static final Role EDITOR = new Role(
            "editor",
            "Does what an operator does, and writes the configuration.",
            List.of(
                    new Grant(Set.of(Verb.READ, Verb.WRITE, Verb.OPERATE), Grant.ALL_BUT_ACCESS),
                    new Grant(Set.of(Verb.READ), Set.of("audit", "roles"))));

    /** Plugin packages. */
    public static final Role PLUGIN_AUTHOR = new Role(
            "plugin-author",
            "Sees what a viewer sees, and uploads plugin versions.",
            List.of(
                    new Grant(Set.of(Verb.READ), Grant.ALL_BUT_ACCESS),
                    READS_ROLES,
                    new Grant(Set.of(Verb.READ, Verb.WRITE, Verb.OPERATE), Set.of("plugins"))));

    /** Everything. */
    public static final Role ADMIN = new Role(
            "admin",
            "Does everything, tokens and the audit log included.",
            List.of(new Grant(Set.of(Verb.values()), Grant.ALL)));

    /** The roles that are built in. */
    public static final List<Role> BUILT_IN = List.of(VIEWER, OPERATOR, EDITOR, PLUGIN_AUTHOR, ADMIN);

    public Role {
        grants = List.copyOf(grants);
    }

    boolean allows(Verb verb, String type) {
        return grants.stream().anyMatch(grant -> grant.allows(verb, type));
    }

    boolean allows(Verb verb, String type, Collection<String> resourceTags) {
        return grants.stream().anyMatch(grant -> grant.allows(verb, type, resourceTags));
    }
}
