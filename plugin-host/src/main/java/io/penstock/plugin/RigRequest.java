package io.penstock.plugin;

import io.penstock.http.CanonicalPath;
import io.penstock.http.Fields;
import io.penstock.mark.WorkerConfined;
import io.penstock.spi.RequestView;
import java.util.HashMap;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/** The request of an exchange under test: unlike a real one's, its host is no field. */
@WorkerConfined
final class RigRequest implements RequestView {
    private final String method;
    private final String query;
    private final Map<String, String> parameters = new HashMap<>();
    private final Fields fields = new Fields();
    private String path;
    private String host;

    RigRequest(JsonNode init) {
        this.method = init.path("method").asString("GET");
        this.path = CanonicalPath.of(init.path("path").asString("/"));
        this.query = init.path("query").asString("");
        this.host = init.path("host").asString("");
        RigExchange.fill(fields, init.path("headers"));
        init.path("params")
                .properties()
                .forEach(
                        entry -> parameters.put(entry.getKey(), entry.getValue().asString("")));
    }

    @Override
    public String method() {
        return method;
    }

    @Override
    public String path() {
        return path;
    }

    @Override
    public boolean path(String changed) {
        try {
            path = CanonicalPath.of(changed);
            return true;
        } catch (IllegalArgumentException refused) {
            return false;
        }
    }

    @Override
    public String parameter(String name) {
        return parameters.getOrDefault(name, "");
    }

    @Override
    public String query() {
        return query;
    }

    @Override
    public String host() {
        return host;
    }

    @Override
    public boolean hostHeader(String value) {
        host = value;
        return true;
    }

    @Override
    public Fields fields() {
        return fields;
    }
}
