package io.penstock.admin.resource;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import tools.jackson.databind.JsonNode;
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

    /** The number in the cursor of a list that runs from the newest number down. */
    static Optional<String> numberCursor(ApiRequest request) {
        Optional<String> cursor = cursor(request);
        if (cursor.isPresent() && !cursor.get().matches("[0-9]{1,18}")) {
            throw ApiProblem.badParameter("cursor", "not a cursor of this list", "begin again without one");
        }
        return cursor;
    }

    /**
     * The page of a list that is all in memory.
     *
     * @param position of an item, in the order of the list; a page begins behind the last one of the page before
     */
    static <T> ApiReply slice(
            ApiRequest request, List<T> all, Function<T, String> position, Function<T, ? extends JsonNode> view) {
        int limit = limit(request);
        Optional<String> cursor = cursor(request);
        ArrayNode items = JsonText.NODES.arrayNode();
        String last = "";
        for (T item : all) {
            String place = position.apply(item);
            if (cursor.isPresent() && place.compareTo(cursor.get()) <= 0) {
                continue;
            }
            if (items.size() == limit) {
                return page(request, items, Optional.of(cursor(last)));
            }
            items.add(view.apply(item));
            last = place;
        }
        return page(request, items, Optional.empty());
    }

    /** A text that sorts as the number does. */
    static String sortable(long number) {
        return String.format(Locale.ROOT, "%019d", number);
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
