package io.penstock.spi;

/**
 * Where in the life of a request a filter runs. The order of the constants is the order of the phases; within a phase
 * filters run in the order the config gives them, and their response hooks run in reverse.
 */
public enum FilterPhase {
    /** Before anything is known but the head and the route: address lists, preflight answers. */
    ACCESS,
    /** Finds out who calls. */
    AUTH,
    /** Everything else: edits, transforms, plugins; the last phase before the upstream. */
    TRANSFORM
}
