package io.penstock.engine;

import java.io.IOException;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** The far end of one of the engine's connections, byte for byte. */
final class Peer implements AutoCloseable {
    private final Socket socket;

    Peer(Socket socket, int timeoutMs) throws IOException {
        this.socket = socket;
        socket.setSoTimeout(timeoutMs);
        socket.setTcpNoDelay(true);
    }

    static Peer connect(SocketAddress address, int timeoutMs) throws IOException {
        Socket socket = new Socket();
        socket.connect(address, timeoutMs);
        return new Peer(socket, timeoutMs);
    }

    void send(String text) throws IOException {
        send(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    void send(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
    }

    /** Sends until the engine takes no more, or so many bytes. */
    void sendMuch(int bytes) {
        byte[] part = new byte[64 * 1024];
        try {
            for (int left = bytes; left > 0; left -= part.length) {
                socket.getOutputStream().write(part, 0, Math.min(left, part.length));
            }
        } catch (IOException broken) {
            // The engine has closed the connection, as it should once nobody wants the rest.
        }
    }

    void endOutput() throws IOException {
        socket.shutdownOutput();
    }

    /** Reads up to and with the text; what came behind it stays. */
    String readUntil(String end) throws IOException {
        StringBuilder text = new StringBuilder();
        while (text.length() < end.length()
                || !text.substring(text.length() - end.length()).equals(end)) {
            int next = socket.getInputStream().read();
            if (next < 0) {
                throw new IOException("the connection ended after: " + text);
            }
            text.append((char) next);
        }
        return text.toString();
    }

    /** Reads into a buffer until what came ends with these bytes; nothing may come behind them. */
    void skipUntil(byte[] end, byte[] buffer) throws IOException {
        int count = 0;
        while (count < end.length || !Arrays.equals(buffer, count - end.length, count, end, 0, end.length)) {
            int more = socket.getInputStream().read(buffer, count, buffer.length - count);
            if (more <= 0) {
                throw new IOException("the connection ended after " + count + " bytes");
            }
            count += more;
        }
    }

    String readHead() throws IOException {
        return readUntil("\r\n\r\n");
    }

    String read(int bytes) throws IOException {
        return new String(socket.getInputStream().readNBytes(bytes), StandardCharsets.ISO_8859_1);
    }

    /** Reads what has come, at least one byte. */
    String readSome() throws IOException {
        byte[] part = new byte[64 * 1024];
        int count = socket.getInputStream().read(part);
        if (count < 0) {
            throw new IOException("the connection ended");
        }
        return new String(part, 0, count, StandardCharsets.ISO_8859_1);
    }

    /** Reads until the engine ends the connection, in order or with a reset. @return what came */
    String readToEnd() throws IOException {
        StringBuilder text = new StringBuilder();
        byte[] part = new byte[64 * 1024];
        try {
            for (int count = socket.getInputStream().read(part);
                    count >= 0;
                    count = socket.getInputStream().read(part)) {
                text.append(new String(part, 0, count, StandardCharsets.ISO_8859_1));
            }
        } catch (SocketException reset) {
            // As good an end as any for those who wait for one.
        }
        return text.toString();
    }

    /** Ends the connection with a RST. */
    void reset() throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
