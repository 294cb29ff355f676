package io.penstock.admin.access;

import io.penstock.config.ResourceType;
import java.util.Arrays;
import java.util.Collection;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What a role allows: verbs on types of resources.
 *
 * @param types names of the API's collections, e.g. {@code routes}, {@code tokens}; {@code *} stands for all of them,
 *     {@code -tokens} for all but this one
 * @param tags resources that it is about, by any of these; empty means all. With tags it is about nothing that has none
 */
public record Grant(Set<Verb> verbs, Set<String> types, Set<String> tags) {

    /** Every type. */
    public static final Set<String> ALL = Set.of("*");

    /** Every type but those that say who may do what, and who did, and what holds all of that: the machine too. */
    public static final Set<String> ALL_BUT_ACCESS = Set.of("*", "-tokens", "-roles", "-audit", "-backups", "-system");

    private static final Set<String> TAGGED =
            Arrays.stream(ResourceType.values()).map(ResourceType::apiName).collect(Collectors.toUnmodifiableSet());

    public Grant {
        verbs = Set.copyOf(verbs);
        types = Set.copyOf(types);
        tags = Set.copyOf(tags);
    }

    /** A grant for resources of any tag. */
    public Grant(Set<Verb> verbs, Set<String> types) {
        this(verbs, types, Set.of());
    }

    boolean allows(Verb verb, String type) {
        return verbs.contains(verb)
                && (types.contains(type) || (types.contains("*") && !types.contains("-" + type)))
                && (tags.isEmpty() || TAGGED.contains(type));
    }

    boolean allows(Verb verb, String type, Collection<String> resourceTags) {
        return allows(verb, type) && (tags.isEmpty() || resourceTags.stream().anyMatch(tags::contains));
    }
}
