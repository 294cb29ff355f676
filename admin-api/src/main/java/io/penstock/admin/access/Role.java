package io.penstock.admin.access;

import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A named set of grants.
 *
 * @param name as tokens name it
 * @param description one sentence
 */
public record Role(String name, String description, List<Grant> grants) {

    /** Everything that is configured and observed, but neither tokens nor the audit log. */
    public static final Role VIEWER = new Role(
            "viewer",
            "Sees the configuration, its revisions and what was observed.",
            List.of(new Grant(Set.of(Verb.READ), Grant.ALL_BUT_ACCESS)));

    /** State, not configuration. */
    public static final Role OPERATOR = new Role(
            "operator",
            "Sees what a viewer sees, and changes state: drain, health, confirm.",
            List.of(new Grant(Set.of(Verb.READ, Verb.OPERATE), Grant.ALL_BUT_ACCESS)));

    /** Configuration. */
    public static final Role EDITOR = new Role(
            "editor",
            "Does what an operator does, and writes the configuration.",
            List.of(
                    new Grant(Set.of(Verb.READ, Verb.WRITE, Verb.OPERATE), Grant.ALL_BUT_ACCESS),
                    new Grant(Set.of(Verb.READ), Set.of("audit"))));

    /** Plugin packages. */
    public static final Role PLUGIN_AUTHOR = new Role(
            "plugin-author",
            "Sees what a viewer sees, and uploads plugin versions.",
            List.of(
                    new Grant(Set.of(Verb.READ), Grant.ALL_BUT_ACCESS),
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

    static Optional<Role> named(String name) {
        return BUILT_IN.stream().filter(role -> role.name().equals(name)).findFirst();
    }

    boolean allows(Verb verb, String type) {
        return grants.stream().anyMatch(grant -> grant.allows(verb, type));
    }
}
