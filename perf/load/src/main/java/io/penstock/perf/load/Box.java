package io.penstock.perf.load;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * The gateway under test by its admin API: what a suite puts there and takes away again. All names begin with {@code load-}, so
 * that nothing of the user's is touched. Any thread, one at a time; blocks.
 */
final class Box {
    /** Resources of one revision: far below the admin API's bound on a body. */
    private static final int OPS_MAX = 10_000;

    private static final Duration REPLY_MAX = Duration.ofMinutes(2);
    /** Times that one change is sent while the gateway is too busy to store it in the time it gives itself. */
    private static final int SENDS_MAX = 4;

    private final String admin;
    private final String token;
    private final HttpClient http = HttpClient.newHttpClient();
    private final List<String> made = new ArrayList<>();

    Box(String admin, String token) {
        this.admin = admin;
        this.token = token;
    }

    /** A resource to put: its path below {@code /v1} and its JSON. */
    record Resource(String path, String json) {}

    /** Puts them, so many in one revision as go into one; they serve when this returns. */
    void put(List<Resource> resources) {
        for (int from = 0; from < resources.size(); from += OPS_MAX) {
            List<String> ops = new ArrayList<>();
            for (Resource each : resources.subList(from, Math.min(resources.size(), from + OPS_MAX))) {
                ops.add("{\"put\":\"" + each.path() + "\",\"value\":" + each.json() + "}");
                made.add(each.path());
            }
            // Plugins are opened before a change is stored, which takes long where others have the cores; a put may be
            // made
            // twice.
            edit(ops, SENDS_MAX);
        }
    }

    /**
     * Stores a version of a plugin; the same again is no fault. It stays: revisions that name it can still be gone back to, and
     * without a route that names it, it costs nothing but its bytes.
     */
    void store(String name, String version, String source, String manifest) {
        String path = "/v1/plugins/" + name + "/versions/" + version;
        send(
                "PUT",
                path,
                "{\"source\":\"" + source.replace("\"", "\\\"").replace("\n", "\\n") + "\",\"manifest\":" + manifest
                        + "}",
                SENDS_MAX);
    }

    /** Takes away all that was put, the newest first. What cannot be taken away is told and left. */
    void clear() {
        try {
            for (int to = made.size(); to > 0; to -= OPS_MAX) {
                List<String> ops = new ArrayList<>();
                for (String path : made.subList(Math.max(0, to - OPS_MAX), to).reversed().stream()
                        .distinct()
                        .toList()) {
                    ops.add("{\"delete\":\"" + path + "\"}");
                }
                edit(ops, 1);
            }
        } catch (RuntimeException failed) {
            System.err.println("resources load-* are left on the gateway: " + failed.getMessage());
        }
    }

    private void edit(List<String> ops, int sendsMax) {
        send("POST", "/v1/config:edit", "{\"ops\":[" + String.join(",", ops) + "]}", sendsMax);
    }

    private void send(String method, String path, String body, int sendsMax) {
        HttpRequest request = HttpRequest.newBuilder(URI.create(admin + path))
                .timeout(REPLY_MAX)
                .header("Authorization", "Bearer " + token)
                .header("Content-Type", "application/json")
                .header("If-Match", "*")
                .method(method, HttpRequest.BodyPublishers.ofString(body))
                .build();
        try {
            HttpResponse<String> reply = http.send(request, HttpResponse.BodyHandlers.ofString());
            for (int sends = 1; reply.statusCode() == 503 && sends < sendsMax; sends++) {
                reply = http.send(request, HttpResponse.BodyHandlers.ofString());
            }
            if (reply.statusCode() / 100 != 2) {
                throw new IllegalStateException(method + " " + path + ": " + reply.statusCode() + " " + reply.body());
            }
        } catch (IOException failed) {
            throw new UncheckedIOException(method + " " + admin + path, failed);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new UncheckedIOException(new InterruptedIOException(method + " " + admin + path));
        }
    }
}
