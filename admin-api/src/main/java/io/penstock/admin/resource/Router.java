package io.penstock.admin.resource;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/** Finds the endpoint of a request by method and path. Immutable. */
final class Router {
    private final List<Route> routes;

    /** What a path is for. */
    record Match(Endpoint endpoint, Map<String, String> parameters) {}

    private record Route(Endpoint endpoint, List<String> segments, String action) {}

    Router(List<Endpoint> endpoints) {
        this.routes = endpoints.stream()
                .map(Router::route)
                // Literal segments are asked before parameters, and actions before names that look like them.
                .sorted(Comparator.comparingInt((Route route) -> route.action.isEmpty() ? 1 : 0)
                        .thenComparingLong(route -> route.endpoint
                                .path()
                                .chars()
                                .filter(c -> c == '{')
                                .count()))
                .toList();
    }

    private static Route route(Endpoint endpoint) {
        int slash = endpoint.path().lastIndexOf('/');
        int colon = endpoint.path().indexOf(':', slash);
        String bare = colon < 0 ? endpoint.path() : endpoint.path().substring(0, colon);
        return new Route(
                endpoint,
                List.of(bare.substring(1).split("/", -1)),
                colon < 0 ? "" : endpoint.path().substring(colon));
    }

    /**
     * The endpoint of a request; a HEAD is answered by the endpoint of its GET.
     *
     * @param rawPath as sent, without the query
     * @throws ApiProblem 404 if there is no such path, 405 with {@code Allow} if it has other methods
     */
    Match find(String method, String rawPath) {
        String wanted = method.equals("HEAD") ? "GET" : method;
        TreeSet<String> allowed = new TreeSet<>();
        String[] segments = rawPath.startsWith("/") ? rawPath.substring(1).split("/", -1) : new String[0];
        for (Route route : routes) {
            Optional<Map<String, String>> parameters = match(route, segments);
            if (parameters.isPresent()) {
                if (route.endpoint.method().equals(wanted)) {
                    return new Match(route.endpoint, parameters.get());
                }
                allowed.add(route.endpoint.method());
                if (route.endpoint.method().equals("GET")) {
                    allowed.add("HEAD");
                }
            }
        }
        if (allowed.isEmpty()) {
            throw ApiProblem.of(
                    404,
                    "no-such-path",
                    "There is no " + Pointers.shown(rawPath),
                    "GET /v1/openapi.json lists every path");
        }
        throw ApiProblem.of(
                        405, "method-not-allowed", Pointers.shown(method) + " is not for " + Pointers.shown(rawPath))
                .header("Allow", String.join(", ", allowed));
    }

    private static Optional<Map<String, String>> match(Route route, String[] segments) {
        if (segments.length != route.segments.size()) {
            return Optional.empty();
        }
        Map<String, String> parameters = new HashMap<>();
        for (int i = 0; i < segments.length; i++) {
            String raw = segments[i];
            if (i == segments.length - 1 && !route.action.isEmpty()) {
                if (!raw.endsWith(route.action)) {
                    return Optional.empty();
                }
                raw = raw.substring(0, raw.length() - route.action.length());
            }
            String pattern = route.segments.get(i);
            if (pattern.startsWith("{")) {
                String value = decode(raw);
                if (value.isEmpty()) {
                    return Optional.empty();
                }
                parameters.put(pattern.substring(1, pattern.length() - 1), value);
            } else if (!pattern.equals(raw)) {
                return Optional.empty();
            }
        }
        return Optional.of(parameters);
    }

    /** Percent-decodes one segment, strictly: what is no escape or no UTF-8 is refused. */
    static String decode(String raw) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (int i = 0; i < raw.length(); i++) {
            char c = raw.charAt(i);
            if (c != '%') {
                bytes.writeBytes(String.valueOf(c).getBytes(StandardCharsets.UTF_8));
                continue;
            }
            int high = i + 1 < raw.length() ? Character.digit(raw.charAt(i + 1), 16) : -1;
            int low = i + 2 < raw.length() ? Character.digit(raw.charAt(i + 2), 16) : -1;
            if (high < 0 || low < 0 || (high == 0 && low == 0)) {
                throw ApiProblem.of(400, "bad-path", "The path has a bad escape");
            }
            bytes.write(high * 16 + low);
            i += 2;
        }
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes.toByteArray()))
                    .toString();
        } catch (CharacterCodingException notText) {
            throw ApiProblem.of(400, "bad-path", "The path is not UTF-8");
        }
    }
}
