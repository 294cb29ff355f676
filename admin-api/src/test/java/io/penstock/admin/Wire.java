package io.penstock.admin;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** Bytes as they are: for what no orderly client would send. */
final class Wire {
    private Wire() {}

    /** The status of the answer to these bytes, or 0 if the connection closes without one. */
    static int status(InetSocketAddress address, String bytes) throws IOException {
        try (Socket socket = new Socket(address.getAddress(), address.getPort())) {
            socket.setSoTimeout(10_000);
            socket.getOutputStream().write(bytes.getBytes(StandardCharsets.ISO_8859_1));
            return status(socket.getInputStream());
        }
    }

    static int status(InputStream in) throws IOException {
        byte[] line = in.readNBytes(12);
        String text = new String(line, StandardCharsets.ISO_8859_1);
        return text.matches("HTTP/1\\.1 [0-9]{3}") ? Integer.parseInt(text.substring(9)) : 0;
    }
}
