package io.penstock.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;

/** A client on a real socket, one request at a time. */
final class EngineClient implements AutoCloseable {
    private static final int TIMEOUT_MS = 20_000;

    private final Socket socket;
    private final BufferedReader input;

    EngineClient(SocketAddress address) throws IOException {
        this(connected(address));
    }

    /** A client on a socket that is connected. */
    EngineClient(Socket connected) throws IOException {
        socket = connected;
        socket.setSoTimeout(TIMEOUT_MS);
        input = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.ISO_8859_1));
    }

    private static Socket connected(SocketAddress address) throws IOException {
        Socket socket = new Socket();
        socket.connect(address, TIMEOUT_MS);
        return socket;
    }

    /** The status and the body. */
    String get(String path) throws IOException {
        send(path);
        return response();
    }

    void send(String path) throws IOException {
        send(path, "");
    }

    /** Sends a request with further field lines. */
    void send(String path, String fields) throws IOException {
        socket.getOutputStream()
                .write(("GET " + path + " HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n")
                        .getBytes(StandardCharsets.ISO_8859_1));
    }

    /** The status and the body of the answer to a request as it stands. */
    String ask(String request) throws IOException {
        socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
        return response();
    }

    /** The status and the body of the next response. */
    String response() throws IOException {
        String line = line();
        String status = line.substring(9, 12);
        int length = 0;
        while (!line.isEmpty()) {
            if (line.startsWith("Content-Length: ")) {
                length = Integer.parseInt(line.substring(16));
            }
            line = line();
        }
        char[] body = new char[length];
        for (int read = 0; read < length; ) {
            int more = input.read(body, read, length - read);
            assertThat(more).isPositive();
            read += more;
        }
        return status + " " + new String(body);
    }

    /** Whether the gateway has ended the connection; waits for what comes. */
    boolean isEnded() throws IOException {
        try {
            return input.read() < 0;
        } catch (SocketException reset) {
            return true;
        }
    }

    private String line() throws IOException {
        String line = input.readLine();
        if (line == null) {
            throw new IOException("the connection was closed");
        }
        return line;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
