package io.penstock.admin.resource;

import io.penstock.config.ConfigProblem;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Thrown where a request ends without what it asked for; answered as problem details (RFC 9457). */
public final class ApiProblem extends RuntimeException {
    /** The media type of the answer. */
    public static final String CONTENT_TYPE = "application/problem+json";

    private static final long serialVersionUID = 1L;

    private final int status;
    private final String code;
    private final String title;
    // Transient: exceptions of this kind are answered where they are caught and never written.
    private final transient List<Fault> faults;
    private final transient Optional<String> hint;
    private final transient ObjectNode extra = JsonText.NODES.objectNode();
    private final transient Map<String, String> headers = new LinkedHashMap<>();

    private ApiProblem(int status, String code, String title, List<Fault> faults, Optional<String> hint) {
        // No stack trace: it is an answer, not an accident, and an attacker should not choose how many are made.
        super(title, null, false, false);
        this.status = status;
        this.code = code;
        this.title = title;
        this.faults = List.copyOf(faults);
        this.hint = hint;
    }

    /** A problem with one sentence. */
    public static ApiProblem of(int status, String code, String title) {
        return new ApiProblem(status, code, title, List.of(), Optional.empty());
    }

    /** A problem with one sentence and the way out. */
    public static ApiProblem of(int status, String code, String title, String hint) {
        return new ApiProblem(status, code, title, List.of(), Optional.of(hint));
    }

    /** What was sent is well formed and cannot be taken: every reason at once. */
    static ApiProblem invalid(List<Fault> faults) {
        Optional<String> hint =
                faults.stream().flatMap(fault -> fault.hint().stream()).findFirst();
        return new ApiProblem(422, "validation", "Configuration is not valid", faults, hint);
    }

    /** The same for one value outside a configuration. */
    static ApiProblem invalid(String pointer, String code, String detail) {
        return new ApiProblem(
                422,
                "validation",
                "The request is not valid",
                List.of(Fault.of(pointer, code, detail)),
                Optional.empty());
    }

    /** What was sent cannot be read. */
    static ApiProblem unreadable(Fault fault) {
        boolean isTooLarge =
                fault.code().equals(Fault.TOO_LARGE) && fault.detail().contains("bytes");
        return new ApiProblem(
                isTooLarge ? 413 : 400,
                isTooLarge ? "too-large" : "malformed",
                isTooLarge ? "The body is too large" : "The body cannot be read",
                List.of(fault),
                fault.hint());
    }

    /** A query parameter that is unknown or has a bad value. */
    static ApiProblem badParameter(String name, String detail, String hint) {
        return new ApiProblem(
                400,
                "bad-parameter",
                "Query parameter \"" + Pointers.shown(name) + "\": " + detail,
                List.of(Fault.of(
                        "", ConfigProblem.BAD_VALUE, "query parameter \"" + Pointers.shown(name) + "\": " + detail)),
                hint.isEmpty() ? Optional.empty() : Optional.of(hint));
    }

    /**
     * What is asked for has to wait for others; nothing of it was done.
     *
     * @param title who is before it
     */
    public static ApiProblem busy(String title, int retryAfterSeconds) {
        return of(
                        503,
                        "busy",
                        title,
                        "nothing of this request was done: send it again in " + retryAfterSeconds
                                + (retryAfterSeconds == 1 ? " second" : " seconds"))
                .header("Retry-After", Integer.toString(retryAfterSeconds));
    }

    static ApiProblem notFound(String what) {
        return of(404, "not-found", what);
    }

    /** With one more header. */
    public ApiProblem header(String name, String value) {
        headers.put(name, value);
        return this;
    }

    /** With one more member. */
    ApiProblem with(String member, JsonNode value) {
        extra.set(member, value);
        return this;
    }

    public int status() {
        return status;
    }

    public String code() {
        return code;
    }

    public Map<String, String> headers() {
        return Map.copyOf(headers);
    }

    /** The answer's body. */
    public ObjectNode body(String requestId) {
        ObjectNode body = JsonText.NODES
                .objectNode()
                .put("type", "/errors/" + code)
                .put("title", title)
                .put("status", status);
        if (!faults.isEmpty()) {
            ArrayNode errors = body.putArray("errors");
            faults.forEach(fault -> errors.add(json(fault)));
        }
        body.setAll(extra);
        hint.ifPresent(way -> body.put("hint", way));
        return body.put("requestId", requestId);
    }

    private static ObjectNode json(Fault fault) {
        ObjectNode error = JsonText.NODES
                .objectNode()
                .put("pointer", fault.pointer())
                .put("code", fault.code())
                .put("detail", fault.detail());
        fault.hint().ifPresent(way -> error.put("hint", way));
        fault.position().ifPresent(place -> error.put("line", place.line()).put("column", place.column()));
        return error;
    }
}
