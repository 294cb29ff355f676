package io.penstock.appliance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A gateway with a bystander: a route that has a plugin of its own, and means nobody harm. */
final class PluginRig implements AutoCloseable {
    static final String BYSTANDER = "/bystander";
    static final String SERVED = "HTTP/1.1 200 OK 2 ";
    private static final JsonMapper JSON = JsonMapper.builder().build();

    final LongRig rig;

    /** Opens it, with more arguments of the command. */
    PluginRig(Path folder, String heap, PlainEndpoint endpoint, String... more) throws Exception {
        rig = new LongRig(
                folder, folder.resolve("data"), heap, LongRig.document(endpoint.port(), "", 0), endpoint, more);
        try {
            upload("bystander", "1.0.0", "{}", """
                    export default { onRequest(req, ctx) {
                      if (req.headers.get('host') !== 'a') return ctx.reject(403, 'no');
                      req.headers.set('x-seen', 'yes');
                    } };
                    """);
            route("bystander", BYSTANDER, "{\"type\":\"plugin\",\"use\":\"bystander@1\"}");
        } catch (Exception | AssertionError failed) {
            rig.close();
            throw failed;
        }
    }

    static JsonNode json(HttpResponse<String> reply) {
        return JSON.readTree(reply.body());
    }

    /** A text as JSON writes it. */
    static String quoted(String text) {
        return JSON.writeValueAsString(text);
    }

    /** Stores a version of one module. */
    HttpResponse<String> offer(String name, String version, String manifest, String source) throws Exception {
        String body = "{\"manifest\":" + manifest + ",\"source\":" + quoted(source) + "}";
        return rig.offer("/v1/plugins/" + name + "/versions/" + version, body);
    }

    void upload(String name, String version, String manifest, String source) throws Exception {
        HttpResponse<String> reply = offer(name, version, manifest, source);
        assertThat(reply.statusCode()).as(reply.body()).isEqualTo(201);
    }

    /** Makes or changes a route with these filters. */
    HttpResponse<String> offerRoute(String name, String path, String filters) throws Exception {
        String at = "/v1/routes/" + name;
        String body = """
                {"service":"plain","matches":[{"path":{"type":"prefix","value":"%s"}}],"filters":[%s]}""".formatted(path, filters);
        return rig.ask(at).statusCode() == 200 ? rig.offer(at, body, "If-Match", "*") : rig.offer(at, body);
    }

    void route(String name, String path, String filters) throws Exception {
        HttpResponse<String> reply = offerRoute(name, path, filters);
        assertThat(reply.statusCode()).as(reply.body()).isIn(200, 201);
    }

    /** Deletes what may be there. */
    HttpResponse<String> drop(String path) throws Exception {
        return rig.send("DELETE", path, "application/json", new byte[0]);
    }

    HttpResponse<String> move(String name, String how, String body) throws Exception {
        return rig.send(
                "POST", "/v1/plugins/" + name + ":" + how, "application/json", body.getBytes(StandardCharsets.UTF_8));
    }

    /** What the listing says of a version. */
    JsonNode version(String name, String version) throws Exception {
        for (JsonNode each : json(rig.ask("/v1/plugins/" + name)).path("versions")) {
            if (each.path("version").asString().equals(version)) {
                return each;
            }
        }
        throw new AssertionError("no version " + version + " of " + name);
    }

    long threads() throws IOException {
        return rig.gateway.statusKib("Threads");
    }

    @Override
    public void close() throws IOException {
        rig.close();
    }
}
