package io.penstock.admin.resource;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Pages: {@code items}, {@code nextCursor} and {@code Link} (RFC 8288). */
final class Lists {
    static final int LIMIT_MAX = 1000;
    static final int LIMIT_DEFAULT = 100;

    private Lists() {}

    static int limit(ApiRequest request) {
        return request.query().between("limit", 1, LIMIT_MAX, LIMIT_DEFAULT);
    }

    static ApiReply page(ApiRequest request, ArrayNode items, Optional<String> nextCursor) {
        ObjectNode body = JsonText.NODES.objectNode();
        body.set("items", items);
        if (nextCursor.isEmpty()) {
            return ApiReply.ok(body);
        }
        body.put("nextCursor", nextCursor.get());
        StringBuilder next = new StringBuilder(request.path()).append('?');
        for (String name : new String[] {"limit", "tag", "q", "sort", "actor", "action", "target"}) {
            for (String value : request.query().all(name)) {
                next.append(name).append('=').append(encode(value)).append('&');
            }
        }
        next.append("cursor=").append(encode(nextCursor.get()));
        return ApiReply.ok(body).with("Link", "<" + next + ">; rel=\"next\"");
    }

    /** An opaque cursor that holds a text. */
    static String cursor(String text) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    /** The text in the request's cursor. */
    static Optional<String> cursor(ApiRequest request) {
        return request.query().one("cursor").map(opaque -> {
            try {
                return new String(Base64.getUrlDecoder().decode(opaque), StandardCharsets.UTF_8);
            } catch (IllegalArgumentException notOurs) {
                throw ApiProblem.badParameter("cursor", "not a cursor of this API", "begin again without one");
            }
        });
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
