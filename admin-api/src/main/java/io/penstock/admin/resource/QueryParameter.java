package io.penstock.admin.resource;

import java.util.Optional;

/**
 * A query parameter as the OpenAPI document shows it.
 *
 * @param description one sentence
 * @param schema of its value
 */
record QueryParameter(String name, String description, Schema schema) {
    static final QueryParameter LIMIT = integer("limit", "Items of a page, 1 to 1000.", 100);
    static final QueryParameter CURSOR = text("cursor", "The nextCursor of the page before.");
    static final QueryParameter TAG = text("tag", "Only what has this tag; may be repeated, then all are needed.");
    static final QueryParameter QUERY = text("q", "Only what holds this text, in any case.");
    static final QueryParameter DRY_RUN =
            flag("dry_run", "Check and compile aside, answer the difference and warnings, change nothing.");
    static final QueryParameter WAIT = choice(
            "wait",
            "active answers when every worker serves the change (at most 5 s, then 202), none at once.",
            "active",
            "none");

    static QueryParameter text(String name, String description) {
        return new QueryParameter(name, description, Schema.text());
    }

    static QueryParameter integer(String name, String description, int absent) {
        return new QueryParameter(name, description, Schema.integer(Optional.of(absent)));
    }

    static QueryParameter flag(String name, String description) {
        return new QueryParameter(name, description, Schema.flag());
    }

    /** One word of a few, of which the first holds if nothing is said. */
    static QueryParameter choice(String name, String description, String... words) {
        return new QueryParameter(name, description, Schema.choice(words));
    }
}
