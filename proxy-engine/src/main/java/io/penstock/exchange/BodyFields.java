package io.penstock.exchange;

import io.penstock.http.Fields;

/** The fields that describe the bytes of a body, and are wrong about others (RFC 9110 section 8, RFC 9530). */
final class BodyFields {
    private static final String[] DIGESTS = {"content-md5", "content-digest", "repr-digest", "digest"};
    private static final String[] OF_BOTH = {"content-encoding", "trailer"};
    private static final String[] OF_RESPONSES = {"etag", "content-range", "accept-ranges"};

    private BodyFields() {}

    /** Drops what cannot hold of a body, or of its trailers, that hooks change on its way. */
    static void dropDigests(Fields fields) {
        for (String name : DIGESTS) {
            fields.remove(name);
        }
    }

    /**
     * Makes a response's head fit for a body that hooks change on its way. A strong validator promises the same bytes
     * (RFC 9110 section 8.8.1), a weak one the same meaning, which is what the gateway's own rewriting leaves.
     */
    static void weaken(Fields fields) {
        dropDigests(fields);
        fields.remove("accept-ranges");
        int at = fields.find("etag");
        if (at >= 0) {
            String tag = fields.value(at);
            if (!tag.startsWith("W/")) {
                fields.set("etag", "W/" + tag);
            }
        }
    }

    static void dropFromRequest(Fields fields) {
        dropDigests(fields);
        for (String name : OF_BOTH) {
            fields.remove(name);
        }
    }

    static void dropFromResponse(Fields fields) {
        dropFromRequest(fields);
        for (String name : OF_RESPONSES) {
            fields.remove(name);
        }
    }
}
