package io.penstock.appliance.demo;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** One keep-alive connection of an HTTP/1.1 client, just able enough to speak to the gateway beside it. One thread. */
final class ToyClient implements AutoCloseable {
    private static final int TIMEOUT_MS = 10_000;
    private static final int LINE_BYTES_MAX = 16 * 1024;

    private final Socket socket = new Socket();
    private final InputStream in;
    private final OutputStream out;
    private final String authority;

    ToyClient(InetSocketAddress gateway) throws IOException {
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(TIMEOUT_MS);
        socket.connect(gateway, TIMEOUT_MS);
        in = new BufferedInputStream(socket.getInputStream());
        out = socket.getOutputStream();
        authority = gateway.getAddress().getHostAddress() + ":" + gateway.getPort();
    }

    /** Asks for a path, with further field lines. */
    ToyAnswer get(String path, String... fieldLines) throws IOException {
        StringBuilder head = new StringBuilder("GET " + path + " HTTP/1.1\r\nHost: " + authority + "\r\n");
        for (String field : fieldLines) {
            head.append(field).append("\r\n");
        }
        head.append("User-Agent: penstock-demo\r\n\r\n");
        out.write(head.toString().getBytes(StandardCharsets.US_ASCII));
        String statusLine = line();
        if (!statusLine.matches("HTTP/1\\.1 [2-5][0-9]{2}.*")) {
            throw new IOException("no HTTP answer: " + statusLine);
        }
        List<String> fields = new ArrayList<>();
        for (String field = line(); !field.isEmpty(); field = line()) {
            fields.add(field);
        }
        return new ToyAnswer(statusLine, fields, body(new ToyAnswer(statusLine, fields, "")));
    }

    private String body(ToyAnswer head) throws IOException {
        StringBuilder body = new StringBuilder();
        if (head.header("Transfer-Encoding").isPresent()) {
            for (int size = chunkSize(); size > 0; size = chunkSize()) {
                body.append(text(size));
                line();
            }
            String trailer = line();
            while (!trailer.isEmpty()) {
                trailer = line();
            }
            return body.toString();
        }
        return text(head.header("Content-Length").map(Integer::parseInt).orElse(0));
    }

    private int chunkSize() throws IOException {
        return Integer.parseInt(line(), 16);
    }

    private String text(int bytes) throws IOException {
        byte[] content = in.readNBytes(bytes);
        if (content.length < bytes) {
            throw new EOFException("the answer's body is cut");
        }
        return new String(content, StandardCharsets.UTF_8);
    }

    private String line() throws IOException {
        StringBuilder line = new StringBuilder(64);
        for (int next = in.read(); next != '\n'; next = in.read()) {
            if (next < 0) {
                throw new EOFException("the connection was closed before the answer was complete");
            }
            if (line.length() > LINE_BYTES_MAX) {
                throw new IOException("a line of the answer does not end");
            }
            if (next != '\r') {
                line.append((char) next);
            }
        }
        return line.toString();
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException gone) {
            // It is closed one way or the other, and nobody waits for it.
        }
    }
}
