package io.penstock.config;

import java.util.Optional;

/**
 * Something that can be served and is probably not meant.
 *
 * @param resource where it stands
 * @param pointer JSON Pointer relative to the resource; empty for the whole
 * @param code stable word
 * @param detail what will happen
 * @param hint the way out
 */
public record ConfigWarning(ResourceRef resource, String pointer, String code, String detail, Optional<String> hint) {
    /** Accepted, and of no effect until a later version. */
    public static final String NOT_IN_EFFECT = "not-in-effect";
    /** What it refers to is disabled. */
    public static final String REFERS_TO_DISABLED = "refers-to-disabled";
    /** A name that nobody has, in a condition. */
    public static final String FITS_NOBODY = "fits-nobody";
    /** An upstream without a target that takes traffic. */
    public static final String NO_TARGETS = "no-targets";
    /** A list of revoked certificates whose authority has a newer one by now. */
    public static final String OUT_OF_DATE = "out-of-date";
    /** An address at which the gateway asks in clear text, beyond what is surely private. */
    public static final String UNENCRYPTED = "unencrypted";
    /** A target that is a listener of this gateway. */
    public static final String LEADS_BACK = "leads-back";
}
