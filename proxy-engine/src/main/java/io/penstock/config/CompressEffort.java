package io.penstock.config;

/** How much processor time compression may cost. */
public enum CompressEffort implements Choice {
    /** As little as there is. */
    FAST,
    /** What most gain with. */
    BALANCED,
    /** More than most gain with. */
    SMALL
}
