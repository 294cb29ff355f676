package io.penstock.appliance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.DoubleStream;

/** A gateway as operators run it, in front of one endpoint. Close it, and the endpoint's port stays its own. */
final class LongRig implements AutoCloseable {
    /** For connections that stay as long as a test wants. */
    static final String PATIENT = "timeouts: {keepAlive: 1h, firstRequest: 10m}";

    private static final String TOKEN = "a-token-of-this-test-alone";
    private static final String ANY = "127.0.0.1:0";

    final PlainEndpoint endpoint;
    final GatewayProcess gateway;
    final int port;
    final int admin;
    private final int status;
    private final HttpClient http = HttpClient.newHttpClient();

    /** In front of an endpoint of its own, with as many further routes as a test wants. */
    LongRig(Path folder, String heap, int routes) throws IOException {
        PlainEndpoint plain = new PlainEndpoint();
        this(folder, folder.resolve("data"), heap, document(plain.port(), PATIENT, routes), plain);
    }

    /** With this document, and more arguments of the command; the endpoint is closed with it. */
    LongRig(Path folder, Path data, String heap, String document, PlainEndpoint endpoint, String... more)
            throws IOException {
        this.endpoint = endpoint;
        Path file = Files.writeString(folder.resolve("document.yaml"), document);
        Path token = Files.writeString(folder.resolve("token"), TOKEN);
        List<String> arguments = new ArrayList<>(List.of(
                "--data",
                data.toString(),
                "--apply",
                file.toString(),
                "--admin",
                ANY,
                "--status",
                ANY,
                "--admin-token-file",
                token.toString()));
        arguments.addAll(List.of(more));
        this.gateway = GatewayProcess.serving(folder, heap, arguments.toArray(String[]::new));
        String ready = gateway.awaitReady();
        System.out.println(ready);
        this.port = GatewayProcess.port(ready, "listeners web ");
        this.admin = GatewayProcess.port(ready, "admin http://");
        this.status = GatewayProcess.port(ready, "status http://");
    }

    /** All traffic to this port, by a listener with these members more, and as many further routes. */
    static String document(int port, String listener, int routes) {
        StringBuilder document = new StringBuilder("""
                apiVersion: penstock/v1
                listeners:
                  - {name: web, address: "127.0.0.1:0", protocol: http%s}
                upstreams:
                  - name: plain
                    timeouts: {firstByte: 1h}
                    targets: [{address: "127.0.0.1:%d"}]
                services:
                  - {name: plain, upstream: plain}
                routes:
                  - {name: all, service: plain, matches: [{path: {type: prefix, value: /}}]}
                """.formatted(listener.isEmpty() ? "" : ", " + listener, port));
        for (int i = 0; i < routes; i++) {
            document.append("  - {name: r-")
                    .append(i)
                    .append(", service: plain, matches: [{path: {type: prefix, value: /r/")
                    .append(i)
                    .append("}}]}\n");
        }
        return document.toString();
    }

    /** The sum of a metric over its workers and labels, of those lines that hold this text. */
    double metric(String name, String with) throws IOException, InterruptedException {
        return values(name, with).sum();
    }

    /** The largest of those values; 0 if there is none. */
    double metricMax(String name, String with) throws IOException, InterruptedException {
        return values(name, with).max().orElse(0);
    }

    private DoubleStream values(String name, String with) throws IOException, InterruptedException {
        String all = http.send(
                        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + status + "/metrics"))
                                .build(),
                        HttpResponse.BodyHandlers.ofString())
                .body();
        assertThat(all).contains("# TYPE " + name.replaceFirst("_total$", ""));
        return all.lines()
                .filter(line -> line.startsWith(name + "{") || line.startsWith(name + " "))
                .filter(line -> line.contains(with))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)));
    }

    /** Replaces a resource over the admin API and waits until every worker serves it. */
    void put(String path, String json) throws IOException, InterruptedException {
        HttpResponse<String> reply = offer(path, json, "If-Match", "*");
        assertThat(reply.statusCode()).as(reply.body()).isEqualTo(200);
    }

    /** Offers a resource to the admin API. */
    HttpResponse<String> offer(String path, String json, String... headers) throws IOException, InterruptedException {
        HttpRequest.Builder request = toAdmin(path);
        if (headers.length > 0) {
            request.headers(headers);
        }
        return http.send(
                request.header("Content-Type", "application/json")
                        .PUT(HttpRequest.BodyPublishers.ofString(json))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    /** Asks the admin API. */
    HttpResponse<String> ask(String path) throws IOException, InterruptedException {
        return http.send(toAdmin(path).build(), HttpResponse.BodyHandlers.ofString());
    }

    /** Changes something over the admin API. */
    HttpResponse<String> send(String method, String path, String type, byte[] body)
            throws IOException, InterruptedException {
        return http.send(
                toAdmin(path)
                        .header("Content-Type", type)
                        .header("If-Match", "*")
                        .method(method, HttpRequest.BodyPublishers.ofByteArray(body))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private HttpRequest.Builder toAdmin(String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + admin + path))
                .header("Authorization", "Bearer " + TOKEN);
    }

    /** A route's JSON, another one for each turn. */
    static String route(String path, int turn) {
        return """
                {"service":"plain","matches":[{"path":{"type":"prefix","value":"%s"}}],"note":"turn %d"}""".formatted(path, turn);
    }

    Client client() throws IOException {
        return new Client(port);
    }

    /** One keep-alive connection. */
    static final class Client implements AutoCloseable {
        private final Socket socket;
        private final InputStream input;

        Client(int port) throws IOException {
            socket = new Socket(InetAddress.getLoopbackAddress(), port);
            socket.setTcpNoDelay(true);
            socket.setSoTimeout(600_000);
            input = new BufferedInputStream(socket.getInputStream(), 1 << 16);
        }

        void send(String path) throws IOException {
            socket.getOutputStream()
                    .write(("GET " + path + " HTTP/1.1\r\nHost: a\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
        }

        /** Status, length and checksum of the next response. */
        String response() throws IOException {
            String status = PlainEndpoint.line(input);
            long length = 0;
            for (String field = PlainEndpoint.line(input); !field.isEmpty(); field = PlainEndpoint.line(input)) {
                if (field.startsWith("Content-Length: ")) {
                    length = Long.parseLong(field.substring(16));
                }
            }
            return status + " " + PlainEndpoint.checksum(input, length);
        }

        String get(String path) throws IOException {
            send(path);
            return response();
        }

        Socket socket() {
            return socket;
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }

    @Override
    public void close() throws IOException {
        gateway.close();
        http.close();
        endpoint.close();
    }
}
