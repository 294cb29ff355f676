package io.penstock.appliance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.TimeUnit;

/** A page that uses what browsers do to a server, and reports what came of it to {@code /result}. */
final class BrowserPage implements AutoCloseable {
    private static final long SECONDS_MAX = 60;

    /** RFC 6455, section 1.3. */
    private static final String WEBSOCKET_GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

    private static final String PAGE = """
            <!doctype html><html><head><link rel="stylesheet" href="/page.css"></head>
            <body><img src="/image.svg"><script src="/page.js"></script><script>
            const seen = [];
            const sum = text => { let s = 0; for (const c of text) s = (s * 31 + c.charCodeAt(0)) >>> 0; return text.length + ' ' + s; };
            async function main() {
              seen.push(getComputedStyle(document.body).color, fromScript);
              const image = document.images[0];
              await image.decode();
              seen.push(image.naturalWidth);
              const reply = await fetch('/echo', {method: 'POST', body: 'x'.repeat(300000)});
              seen.push(reply.status + ' ' + sum(await reply.text()));
              const all = await Promise.all([...Array(40).keys()].map(i => fetch('/echo', {method: 'PUT', body: 'n' + i}).then(r => r.text())));
              seen.push(all.join());
              seen.push(await new Promise((done, failed) => {
                const events = new EventSource('/events');
                const got = [];
                events.onmessage = event => { got.push(event.data); if (got.length === 3) { events.close(); done(got.join()); } };
                events.onerror = () => failed('events');
              }));
              seen.push(await new Promise((done, failed) => {
                const socket = new WebSocket('ws://' + location.host + '/socket');
                const got = [];
                socket.onopen = () => { socket.send('hello'); socket.send('y'.repeat(60000)); };
                socket.onmessage = event => { got.push(sum(event.data)); if (got.length === 2) socket.close(); };
                socket.onclose = event => done(got.join() + ' ' + event.code + ' ' + event.wasClean);
                socket.onerror = () => failed('socket');
              }));
            }
            main().catch(fault => seen.push('failed: ' + fault)).then(() => fetch('/result', {method: 'POST', body: seen.join('|')}));
            </script></body></html>
            """;

    private final ServerSocket server = new ServerSocket(0, 128, InetAddress.getLoopbackAddress());
    private final SynchronousQueue<String> results = new SynchronousQueue<>();

    BrowserPage() throws IOException {
        Thread.ofVirtual().start(this::accept);
    }

    int port() {
        return server.getLocalPort();
    }

    /** What the page reports when a browser opens it at this port. */
    String seenAt(int port, Path folder) throws IOException, InterruptedException {
        Process browser = new ProcessBuilder(
                        "chromium",
                        "--headless",
                        "--no-sandbox",
                        "--disable-gpu",
                        "--no-first-run",
                        "--disable-background-networking",
                        "--remote-debugging-port=0",
                        "--user-data-dir=" + folder.resolve("browser-" + port),
                        "http://127.0.0.1:" + port + "/")
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        try {
            String seen = results.poll(SECONDS_MAX, TimeUnit.SECONDS);
            assertThat(seen).as("what the page reports").isNotNull();
            return seen;
        } finally {
            browser.descendants().forEach(ProcessHandle::destroyForcibly);
            browser.destroyForcibly().waitFor();
        }
    }

    private void accept() {
        while (true) {
            try {
                Socket socket = server.accept();
                socket.setTcpNoDelay(true);
                Thread.ofVirtual().start(() -> serve(socket));
            } catch (IOException closed) {
                return;
            }
        }
    }

    private void serve(Socket socket) {
        try (socket;
                DataInputStream input = new DataInputStream(new BufferedInputStream(socket.getInputStream()))) {
            OutputStream output = socket.getOutputStream();
            for (String line = PlainEndpoint.line(input); !line.isEmpty(); line = PlainEndpoint.line(input)) {
                Map<String, String> fields = new HashMap<>();
                for (String field = PlainEndpoint.line(input); !field.isEmpty(); field = PlainEndpoint.line(input)) {
                    int colon = field.indexOf(':');
                    fields.put(
                            field.substring(0, colon).toLowerCase(Locale.ROOT),
                            field.substring(colon + 1).strip());
                }
                byte[] body = input.readNBytes(Integer.parseInt(fields.getOrDefault("content-length", "0")));
                switch (line.split(" ", 3)[1]) {
                    case "/" -> answer(output, "text/html", PAGE);
                    case "/page.css" -> answer(output, "text/css", "body{color:rgb(255,0,0)}");
                    case "/page.js" -> answer(output, "text/javascript", "const fromScript = 'script';");
                    case "/image.svg" ->
                        answer(
                                output,
                                "image/svg+xml",
                                "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"3\" height=\"2\"/>");
                    case "/echo" -> answer(output, "text/plain", new String(body, StandardCharsets.UTF_8));
                    case "/events" -> {
                        events(input, output);
                        return;
                    }
                    case "/socket" -> {
                        echoFrames(fields.getOrDefault("sec-websocket-key", ""), input, output);
                        return;
                    }
                    case "/result" -> {
                        answer(output, "text/plain", "");
                        results.offer(new String(body, StandardCharsets.UTF_8), SECONDS_MAX, TimeUnit.SECONDS);
                    }
                    default -> write(output, "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
                }
            }
        } catch (IOException | InterruptedException | NoSuchAlgorithmException gone) {
            // The other end has closed.
        }
    }

    private static void answer(OutputStream output, String type, String body) throws IOException {
        write(
                output,
                "HTTP/1.1 200 OK\r\nContent-Type: " + type + "\r\nCache-Control: no-store\r\nContent-Length: "
                        + body.length() + "\r\n\r\n" + body);
    }

    /** Each event in a packet of its own, then nothing more: the client has to see them while the response goes on. */
    private static void events(InputStream input, OutputStream output) throws IOException {
        write(output, "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n");
        for (int i = 0; i < 3; i++) {
            String event = "data: event " + i + "\n\n";
            write(output, Integer.toHexString(event.length()) + "\r\n" + event + "\r\n");
        }
        assertThat(input.read()).as("nothing but the end of the connection").isNegative();
    }

    /** Sends each frame back unmasked, until a close frame has been sent back. */
    private static void echoFrames(String key, DataInputStream input, OutputStream output)
            throws IOException, NoSuchAlgorithmException {
        byte[] accept =
                MessageDigest.getInstance("SHA-1").digest((key + WEBSOCKET_GUID).getBytes(StandardCharsets.US_ASCII));
        write(
                output,
                "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: "
                        + Base64.getEncoder().encodeToString(accept) + "\r\n\r\n");
        boolean isClosed = false;
        while (!isClosed) {
            int first = input.readUnsignedByte();
            int length = input.readUnsignedByte() & 0x7F;
            boolean isLong = length == 126;
            if (isLong) {
                length = input.readUnsignedShort();
            }
            byte[] mask = input.readNBytes(4);
            byte[] payload = input.readNBytes(length);
            for (int i = 0; i < payload.length; i++) {
                payload[i] ^= mask[i & 3];
            }
            output.write(first);
            if (isLong) {
                output.write(new byte[] {126, (byte) (length >> 8), (byte) length});
            } else {
                output.write(length);
            }
            output.write(payload);
            isClosed = (first & 0xF) == 8;
        }
    }

    private static void write(OutputStream output, String text) throws IOException {
        output.write(text.getBytes(StandardCharsets.US_ASCII));
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
