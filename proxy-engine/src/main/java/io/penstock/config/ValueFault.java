package io.penstock.config;

import java.util.Optional;

/**
 * One value that cannot stand, seen before it belongs to a resource.
 *
 * @param pointer JSON Pointer relative to the record that refused it, for example {@code /weight}
 * @param code stable word, one of the constants of {@link ConfigProblem}
 * @param detail what was found and what is wanted
 * @param hint the way out, if the detail does not say it
 */
public record ValueFault(String pointer, String code, String detail, Optional<String> hint) {}
