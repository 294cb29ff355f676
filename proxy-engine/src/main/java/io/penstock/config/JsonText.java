package io.penstock.config;

/**
 * A JSON value whose shape somebody else describes, kept as its compact text with members in the order they came.
 *
 * @param text a whole JSON value
 */
public record JsonText(String text) {
    /** An object without members. */
    public static final JsonText EMPTY_OBJECT = new JsonText("{}");

    @Override
    public String toString() {
        return text;
    }
}
