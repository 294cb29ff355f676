package io.penstock.config;

import java.util.Optional;

/** One change of a path; exactly one member is written. After it the path is normalised and checked again. */
public record PathEdit(
        @Doc("Segments to take away at the front; a path without them stays as it is.")
        Optional<String> stripPrefix,

        @Doc("Segments at the front to replace.") Optional<PrefixReplacement> replacePrefix,

        @Doc("The new path; {name} stands for what the route's template took.")
        Optional<String> set) {

    /** Takes segments away at the front. */
    public static PathEdit strip(String prefix) {
        return new PathEdit(Optional.of(prefix), Optional.empty(), Optional.empty());
    }

    /** Replaces segments at the front. */
    public static PathEdit replace(String from, String to) {
        return new PathEdit(Optional.empty(), Optional.of(new PrefixReplacement(from, to)), Optional.empty());
    }

    /** Sets the whole path. */
    public static PathEdit to(String path) {
        return new PathEdit(Optional.empty(), Optional.empty(), Optional.of(path));
    }
}
