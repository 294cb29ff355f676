package io.penstock.appliance;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.regex.Pattern;
import java.util.zip.CRC32C;

/**
 * An endpoint that answers {@code /down/N} with N bytes, {@code /up} with length and checksum of what it got,
 * {@code /slow} when it is let go, and all else with a few bytes.
 */
final class PlainEndpoint implements AutoCloseable {
    private static final int CHUNK = 1 << 16;
    private static final int STRANGE_MAX = 1_000;
    private static final Pattern FIELD =
            Pattern.compile("(?i)(?!x-injected)[!#$%&'*+.^_`|~0-9a-z-]+: ?[\\t\\x20-\\x7e\\x80-\\xff]*");

    private final ServerSocket server = new ServerSocket(0, 1024, InetAddress.getLoopbackAddress());
    private final CountDownLatch slow = new CountDownLatch(1);
    private final ConcurrentLinkedQueue<String> strange = new ConcurrentLinkedQueue<>();

    PlainEndpoint() throws IOException {
        Thread.ofVirtual().start(this::accept);
    }

    int port() {
        return server.getLocalPort();
    }

    /** Lines of heads that are no field by the grammar, or that some attack has put there. */
    List<String> strangeLines() {
        return List.copyOf(strange);
    }

    /** Lets the slow answers go. */
    void letGo() {
        slow.countDown();
    }

    /** Bytes as a body holds them from an offset on: any part can be made again. */
    static void fill(byte[] bytes, long offset) {
        for (int i = 0; i < bytes.length; i++) {
            long at = offset + i;
            bytes[i] = (byte) (at ^ at >>> 13 ^ at >>> 29);
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
                InputStream input = new BufferedInputStream(socket.getInputStream(), CHUNK);
                OutputStream output = new BufferedOutputStream(socket.getOutputStream(), CHUNK)) {
            for (String line = line(input); !line.isEmpty(); line = line(input)) {
                int path = line.indexOf(' ') + 1;
                answer(line.substring(path, line.indexOf(' ', path)), input, output);
                output.flush();
            }
        } catch (IOException | InterruptedException gone) {
            // The gateway has closed its end.
        }
    }

    private void answer(String path, InputStream input, OutputStream output) throws IOException, InterruptedException {
        long length = 0;
        for (String field = line(input); !field.isEmpty(); field = line(input)) {
            if (!FIELD.matcher(field).matches() && strange.size() < STRANGE_MAX) {
                strange.add(field);
            }
            if (field.toLowerCase(Locale.ROOT).startsWith("content-length:")) {
                length = Long.parseLong(field.substring(15).strip());
            }
        }
        String got = checksum(input, length);
        if (path.startsWith("/down/")) {
            long size = Long.parseLong(path.substring(6));
            head(output, size);
            byte[] bytes = new byte[CHUNK];
            for (long sent = 0; sent < size; sent += CHUNK) {
                fill(bytes, sent);
                output.write(bytes, 0, (int) Math.min(CHUNK, size - sent));
            }
            return;
        }
        if (path.startsWith("/slow")) {
            slow.await();
        }
        byte[] body = (path.startsWith("/up") ? got : "up").getBytes(StandardCharsets.US_ASCII);
        head(output, body.length);
        output.write(body);
    }

    private static void head(OutputStream output, long length) throws IOException {
        output.write(("HTTP/1.1 200 OK\r\nContent-Length: " + length + "\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
    }

    /** Length and CRC-32C of the next bytes. */
    static String checksum(InputStream input, long length) throws IOException {
        CRC32C sum = new CRC32C();
        byte[] bytes = new byte[CHUNK];
        long left = length;
        while (left > 0) {
            int read = input.read(bytes, 0, (int) Math.min(CHUNK, left));
            if (read < 0) {
                throw new IOException("the body ended " + left + " bytes early");
            }
            sum.update(bytes, 0, read);
            left -= read;
        }
        return length + " " + sum.getValue();
    }

    /** The next line without its end; empty at the end of the stream too. */
    static String line(InputStream input) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int octet = input.read(); octet >= 0 && octet != '\n'; octet = input.read()) {
            if (octet != '\r') {
                line.append((char) octet);
            }
        }
        return line.toString();
    }

    @Override
    public void close() throws IOException {
        letGo();
        server.close();
    }
}
