package io.penstock.config;

import java.util.Optional;

/**
 * One reason why a configuration cannot be served.
 *
 * @param resource where it stands
 * @param pointer JSON Pointer relative to the resource, for example {@code /matches/0/path/value}; empty for the whole
 * @param code stable word, one of the constants here
 * @param detail what was found and what is wanted
 * @param hint the way out
 */
public record ConfigProblem(ResourceRef resource, String pointer, String code, String detail, Optional<String> hint) {
    /** A member that must be there is not. */
    public static final String REQUIRED = "required";
    /** A number, size or duration outside its bounds, or a text outside its grammar. */
    public static final String OUT_OF_RANGE = "out-of-range";
    /** A text that breaks the grammar of its place. */
    public static final String BAD_VALUE = "bad-value";
    /** A text that means something but is not its canonical spelling. */
    public static final String NOT_CANONICAL = "not-canonical";
    /** A name that nothing has. */
    public static final String UNKNOWN_REFERENCE = "unknown-reference";
    /** Something still refers to what is to be removed. */
    public static final String IN_USE = "in-use";
    /** Exactly one of several members must be there. */
    public static final String EXACTLY_ONE = "exactly-one";
    /** The same thing is said twice. */
    public static final String DUPLICATE = "duplicate";
    /** Two listeners want the same address. */
    public static final String ADDRESS_OVERLAP = "address-overlap";
    /** The contract knows it, this version does not serve it. */
    public static final String NOT_IN_THIS_VERSION = "not-in-this-version";
    /** {@code {file}}, {@code {env}} and {@code {dir}} are read by the command, never by the API. */
    public static final String NOT_READ_HERE = "not-read-here";
    /** A member or choice that nobody knows. */
    public static final String UNKNOWN_MEMBER = "unknown-member";

    /** The pointer from the root of the declarative document, resources by name: {@code /routes/orders/service}. */
    public String documentPointer() {
        return resource.documentPointer() + pointer;
    }
}
