package io.penstock.admin.resource;

import io.penstock.admin.access.Verb;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * One method of one path: what it needs, what it takes, what it answers, and who answers. The router and the OpenAPI
 * document are both made from the list of these, so that neither can know a path that the other does not.
 *
 * @param path segments with parameters in braces; the last may end with an action, as in {@code /v1/config:apply}
 * @param operationId unique
 * @param summary one sentence
 * @param tag the chapter of the OpenAPI document
 * @param verb what the caller must be allowed to do
 * @param type with what, in the words of roles; empty means that no token is needed
 * @param query the query parameters it takes
 * @param request what the body holds; empty if it has none
 * @param requestTypes media types of the body
 * @param response what a good answer holds
 * @param responseTypes media types of a good answer
 * @param status of a good answer
 * @param isWrite whether it makes revisions, with all headers and statuses that this entails
 * @param isOnceOnly whether it happens once for each {@code Idempotency-Key}
 */
record Endpoint(
        String method,
        String path,
        String operationId,
        String summary,
        String tag,
        Verb verb,
        String type,
        List<QueryParameter> query,
        Optional<Schema> request,
        List<String> requestTypes,
        Optional<Schema> response,
        List<String> responseTypes,
        int status,
        boolean isWrite,
        boolean isOnceOnly,
        Handler handler) {
    static final String JSON = "application/json";
    static final String YAML = "application/yaml";

    /** Answers requests. */
    @FunctionalInterface
    interface Handler {
        ApiReply handle(ApiRequest request);
    }

    Endpoint {
        query = List.copyOf(query);
        requestTypes = List.copyOf(requestTypes);
        responseTypes = List.copyOf(responseTypes);
    }

    /** An endpoint that takes nothing and answers nothing yet. */
    static Endpoint of(String method, String path, String operationId, String summary, Handler handler) {
        return new Endpoint(
                method,
                path,
                operationId,
                summary,
                "",
                Verb.READ,
                "",
                List.of(),
                Optional.empty(),
                List.of(),
                Optional.empty(),
                List.of(JSON),
                200,
                false,
                false,
                handler);
    }

    Endpoint needs(Verb neededVerb, String neededType) {
        return new Endpoint(
                method,
                path,
                operationId,
                summary,
                neededType,
                neededVerb,
                neededType,
                query,
                request,
                requestTypes,
                response,
                responseTypes,
                status,
                isWrite,
                isOnceOnly,
                handler);
    }

    Endpoint takes(QueryParameter... parameters) {
        return new Endpoint(
                method,
                path,
                operationId,
                summary,
                tag,
                verb,
                type,
                Stream.concat(query.stream(), Stream.of(parameters)).toList(),
                request,
                requestTypes,
                response,
                responseTypes,
                status,
                isWrite,
                isOnceOnly,
                handler);
    }

    Endpoint reads(Schema schema, String... mediaTypes) {
        return new Endpoint(
                method,
                path,
                operationId,
                summary,
                tag,
                verb,
                type,
                query,
                Optional.of(schema),
                mediaTypes.length == 0 ? List.of(JSON) : List.of(mediaTypes),
                response,
                responseTypes,
                status,
                isWrite,
                isOnceOnly,
                handler);
    }

    Endpoint answers(int goodStatus, Schema schema, String... mediaTypes) {
        return new Endpoint(
                method,
                path,
                operationId,
                summary,
                tag,
                verb,
                type,
                query,
                request,
                requestTypes,
                Optional.of(schema),
                mediaTypes.length == 0 ? List.of(JSON) : List.of(mediaTypes),
                goodStatus,
                isWrite,
                isOnceOnly,
                handler);
    }

    /** Makes revisions: can be tried, and waited for. */
    Endpoint writes() {
        Endpoint all = takes(QueryParameter.DRY_RUN, QueryParameter.WAIT);
        return new Endpoint(
                method,
                path,
                operationId,
                summary,
                tag,
                verb,
                type,
                all.query,
                request,
                requestTypes,
                response,
                responseTypes,
                status,
                true,
                method.equals("POST"),
                handler);
    }

    /** Happens once for each {@code Idempotency-Key}. */
    Endpoint onceOnly() {
        return new Endpoint(
                method,
                path,
                operationId,
                summary,
                tag,
                verb,
                type,
                query,
                request,
                requestTypes,
                response,
                responseTypes,
                status,
                isWrite,
                true,
                handler);
    }

    Set<String> queryNames() {
        return query.stream().map(QueryParameter::name).collect(Collectors.toSet());
    }

    /** Names of the path's parameters, in order. */
    List<String> pathParameters() {
        List<String> names = new ArrayList<>();
        for (int open = path.indexOf('{'); open >= 0; open = path.indexOf('{', open + 1)) {
            names.add(path.substring(open + 1, path.indexOf('}', open)));
        }
        return names;
    }
}
