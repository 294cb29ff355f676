package io.penstock.config;

import java.util.List;

/** Lets only callers pass who belong to a group; only last in its list, behind the entries that find out who calls. */
@TypeTag("groups")
public record GroupsAuthConfig(
        @Doc("Consumer groups, by name; whoever belongs to one of them passes.")
        List<String> allow,

        @Doc("Whether the entry takes part.") @Default("true")
        boolean enabled)
        implements AuthConfig {
    private static final int GROUPS_MAX = 64;

    public GroupsAuthConfig {
        allow = List.copyOf(allow);
        new ValueChecks()
                .require(
                        !allow.isEmpty() && allow.size() <= GROUPS_MAX,
                        "allow",
                        "found " + allow.size() + " groups, wanted 1 to " + GROUPS_MAX)
                .end();
    }

    /** One that lets these pass. */
    public static GroupsAuthConfig of(String... groups) {
        return new GroupsAuthConfig(List.of(groups), true);
    }
}
