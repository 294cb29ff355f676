package io.penstock.admin.resource;

import io.penstock.admin.access.Principal;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** One request of a recognised caller to one endpoint. Confined to the thread that serves it. */
public final class ApiRequest {
    private static final String MERGE_PATCH = "application/merge-patch+json";
    private static final String JSON_PATCH = "application/json-patch+json";

    /** Gives the body, bounded while it is read. */
    public interface BodySource {
        /** The whole body; {@link ApiProblem} 413 if it is longer, 408 if it does not come. */
        byte[] read(int bytesMax);

        /**
         * Writes the whole body while it comes, which it has to do without long pauses.
         *
         * @return its length in bytes
         * @throws ApiProblem 413 if it is longer
         * @throws IOException if it cannot be written
         */
        long transferTo(OutputStream to, long bytesMax) throws IOException;
    }

    private final String method;
    private final String path;
    private final Map<String, String> pathParameters;
    private final QueryParameters query;
    private final Function<String, Optional<String>> headers;
    private final BodySource source;
    private final Principal principal;
    private final String address;
    private final String requestId;
    private byte @Nullable [] body;

    ApiRequest(
            String method,
            String path,
            Map<String, String> pathParameters,
            QueryParameters query,
            Function<String, Optional<String>> headers,
            BodySource source,
            Principal principal,
            String address,
            String requestId) {
        this.method = method;
        this.path = path;
        this.pathParameters = pathParameters;
        this.query = query;
        this.headers = headers;
        this.source = source;
        this.principal = principal;
        this.address = address;
        this.requestId = requestId;
    }

    String method() {
        return method;
    }

    /** As sent, without the query. */
    String path() {
        return path;
    }

    /** What stands in the path where the endpoint has a parameter, decoded. */
    String pathParameter(String name) {
        String value = pathParameters.get(name);
        if (value == null) {
            throw new IllegalStateException("the endpoint has no path parameter \"" + name + "\"");
        }
        return value;
    }

    QueryParameters query() {
        return query;
    }

    Optional<String> header(String name) {
        return headers.apply(name);
    }

    Principal principal() {
        return principal;
    }

    /** The caller's bearer token, in the clear. */
    String bearer() {
        return header("Authorization").orElse("").substring("Bearer ".length()).strip();
    }

    /** The caller's address. */
    String address() {
        return address;
    }

    String requestId() {
        return requestId;
    }

    /** The body as JSON. */
    JsonNode json(JsonBounds bounds) {
        requireMediaType(List.of("application/json"));
        return parse(body(bounds), bounds);
    }

    /** Whether the body is declared to be of a media type. */
    boolean isOf(String mediaType) {
        String said = header("Content-Type").orElse("");
        return said.split(";", 2)[0].strip().equalsIgnoreCase(mediaType);
    }

    /** The body as it came. */
    byte[] bytes(int bytesMax) {
        return body(new JsonBounds(bytesMax, 0, 0));
    }

    /** Writes the body while it comes. As {@link BodySource#transferTo}. */
    long transferTo(OutputStream to, long bytesMax) throws IOException {
        return source.transferTo(to, bytesMax);
    }

    /** The body as JSON, or nothing if there is none. */
    Optional<JsonNode> jsonIfAny(JsonBounds bounds) {
        return body(bounds).length == 0 ? Optional.empty() : Optional.of(json(bounds));
    }

    /** The body as a declarative document, in JSON or YAML. */
    ConfigDocument document(JsonBounds bounds) {
        String type = requireMediaType(List.of(
                "application/json", "application/yaml", "application/x-yaml", "text/yaml", "application/vnd.yaml"));
        ConfigJson.Bound<ConfigDocument> bound = type.endsWith("yaml")
                ? new DocumentLoader(bounds, Optional.empty()).load(body(bounds))
                : ConfigJson.bindDocument(parse(body(bounds), bounds));
        return switch (bound) {
            case ConfigJson.Good<ConfigDocument>(ConfigDocument document) -> document;
            case ConfigJson.Bad<ConfigDocument>(List<Fault> faults)
            when faults.size() == 1 && isUnreadable(faults.getFirst()) ->
                throw ApiProblem.unreadable(faults.getFirst());
            case ConfigJson.Bad<ConfigDocument>(List<Fault> faults) -> throw ApiProblem.invalid(faults);
        };
    }

    private static boolean isUnreadable(Fault fault) {
        return fault.pointer().isEmpty()
                && List.of(Fault.MALFORMED, Fault.TOO_LARGE, "duplicate").contains(fault.code());
    }

    /** The body as a patch. */
    JsonEdit patch(JsonBounds bounds) {
        String type = requireMediaType(List.of(MERGE_PATCH, JSON_PATCH));
        return JsonEdit.of(parse(body(bounds), bounds), type.equals(JSON_PATCH));
    }

    /** What tells this request from any other, for idempotency. */
    String fingerprint(JsonBounds bounds) {
        try {
            // Keyed by what only the caller has: a body may hold a secret, and a plain digest of it in the store would
            // let whoever has the store try guesses.
            Mac digest = Mac.getInstance("HmacSHA256");
            digest.init(new SecretKeySpec(
                    header("Authorization").orElse("none").getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
            digest.update((method + " " + path + "?" + query.meaning() + "\n").getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest.doFinal(body(bounds)));
        } catch (GeneralSecurityException missing) {
            throw new IllegalStateException("Every Java platform must have HMAC-SHA256", missing);
        }
    }

    /** Whether the caller takes a media type, and prefers it over the other. */
    boolean prefers(String wanted, String other) {
        return MediaTypes.quality(header("Accept"), wanted) > MediaTypes.quality(header("Accept"), other);
    }

    private byte[] body(JsonBounds bounds) {
        byte[] known = body;
        if (known == null) {
            known = source.read(bounds.bytesMax());
            body = known;
        }
        return known;
    }

    private static JsonNode parse(byte[] body, JsonBounds bounds) {
        try {
            return JsonText.read(body, bounds);
        } catch (UnreadableTextException unreadable) {
            throw ApiProblem.unreadable(unreadable.fault());
        }
    }

    private String requireMediaType(List<String> wanted) {
        String said = header("Content-Type").orElse("application/json");
        String[] parts = said.split(";", -1);
        String type = parts[0].strip().toLowerCase(Locale.ROOT);
        boolean isUtf8 = true;
        for (int i = 1; i < parts.length; i++) {
            String parameter = parts[i].strip().toLowerCase(Locale.ROOT).replace("\"", "");
            isUtf8 &= !parameter.startsWith("charset=") || parameter.equals("charset=utf-8");
        }
        if (!wanted.contains(type) || !isUtf8) {
            throw ApiProblem.of(
                            415,
                            "unsupported-media-type",
                            "The body's media type is not taken here: " + Pointers.shown(said),
                            "wanted " + String.join(" or ", wanted) + ", in UTF-8")
                    .header(method.equals("PATCH") ? "Accept-Patch" : "Accept-Post", String.join(", ", wanted));
        }
        return type;
    }
}
