package io.penstock.exchange;

import io.penstock.http.Fields;

/** The fields that describe the bytes of a body, and are wrong about others (RFC 9110 section 8, RFC 9530). */
final class BodyFields {
    private static final String[] OF_BOTH = {
        "content-encoding", "content-md5", "content-digest", "repr-digest", "digest", "trailer"
    };
    private static final String[] OF_RESPONSES = {"etag", "content-range", "accept-ranges"};

    private BodyFields() {}

    static void dropFromRequest(Fields fields) {
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
