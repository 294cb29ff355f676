package io.penstock.admin.resource;

/**
 * How much of a text is read before it is refused. Every bound holds while reading, so that a hostile text costs no more
 * than a good one.
 *
 * @param bytesMax bytes of the text
 * @param depthMax objects and lists within one another
 * @param itemsMax members and elements in all
 */
public record JsonBounds(int bytesMax, int depthMax, int itemsMax) {
    /** Characters of one number: more than any value of the model needs. */
    static final int NUMBER_CHARS_MAX = 64;

    /** Characters of one member's name. */
    static final int NAME_CHARS_MAX = 1024;

    /** One resource, or a request about one. */
    public static final JsonBounds RESOURCE = new JsonBounds(4 << 20, 64, 100_000);

    /** A whole configuration: 100 000 routes and room to spare. */
    public static final JsonBounds DOCUMENT = new JsonBounds(64 << 20, 64, 4_000_000);
}
