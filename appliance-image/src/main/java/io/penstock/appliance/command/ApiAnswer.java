package io.penstock.appliance.command;

import java.net.URI;
import java.net.http.HttpHeaders;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;

/** What the admin API answered. */
public final class ApiAnswer {
    private final URI from;
    private final int status;
    private final HttpHeaders headers;
    private final byte[] body;

    ApiAnswer(URI from, int status, HttpHeaders headers, byte[] body) {
        this.from = from;
        this.status = status;
        this.headers = headers;
        this.body = body;
    }

    /** The admin API that was asked. */
    URI from() {
        return from;
    }

    public int status() {
        return status;
    }

    /** Whether what was asked for was done, or is under way. */
    public boolean isGood() {
        return status / 100 == 2;
    }

    public Optional<String> header(String name) {
        return headers.firstValue(name);
    }

    public String text() {
        return new String(body, StandardCharsets.UTF_8);
    }

    byte[] bytes() {
        return body;
    }

    /** The body as JSON; an empty object if it is none. */
    public JsonNode json() {
        if (body.length == 0 || !header("Content-Type").orElse("").contains("json")) {
            return JsonNodeFactory.instance.objectNode();
        }
        try {
            return JsonMapper.shared().readTree(body);
        } catch (JacksonException cut) {
            throw new CommandFailure(
                    ExitCode.FAILED, "the admin API answered " + status + " with JSON that cannot be read");
        }
    }
}
