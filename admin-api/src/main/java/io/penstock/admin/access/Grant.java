package io.penstock.admin.access;

import java.util.Set;

/**
 * What a role allows: verbs on types of resources.
 *
 * @param types names of the API's collections, e.g. {@code routes}, {@code tokens}; {@link #ALL} or
 *     {@link #ALL_BUT_ACCESS} stand for many
 */
public record Grant(Set<Verb> verbs, Set<String> types) {

    /** Every type. */
    public static final Set<String> ALL = Set.of("*");

    /** Every type but those that say who may do what, and who did: {@code tokens} and {@code audit}. */
    public static final Set<String> ALL_BUT_ACCESS = Set.of("*", "-tokens", "-audit");

    public Grant {
        verbs = Set.copyOf(verbs);
        types = Set.copyOf(types);
    }

    boolean allows(Verb verb, String type) {
        return verbs.contains(verb) && (types.contains(type) || (types.contains("*") && !types.contains("-" + type)));
    }
}
