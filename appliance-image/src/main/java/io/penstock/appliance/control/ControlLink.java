package io.penstock.appliance.control;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/**
 * A conversation over the control socket. A message is a line of UTF-8: its words are parted by tabs; a backslash, a tab and a line
 * end within a word are written as {@code \\}, {@code \t} and {@code \n}. One thread at a time; any may close it.
 */
public final class ControlLink implements AutoCloseable {
    /** The first word of every conversation; who speaks another version is refused with a word. */
    public static final String PROTOCOL = "penstock-control/1";

    /** The file in the data folder. */
    public static final String FILE = "control";

    private static final int LINE_BYTES_MAX = 256 * 1024;

    private static final long SEND_NS_MAX = 10_000_000_000L;
    private static final long PAUSE_NS = 1_000_000;

    private final SocketChannel channel;
    private final Selector selector;
    private final ByteBuffer input = ByteBuffer.allocate(4096).flip();

    /** Over a connection, which is closed with it. */
    ControlLink(SocketChannel channel) throws IOException {
        this.channel = channel;
        channel.configureBlocking(false);
        this.selector = Selector.open();
        channel.register(selector, SelectionKey.OP_READ);
    }

    /**
     * Connects to the gateway that holds a data folder.
     *
     * @throws IOException if none listens there
     */
    public static ControlLink connect(Path dataFolder) throws IOException {
        SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            channel.connect(UnixDomainSocketAddress.of(dataFolder.resolve(FILE)));
            return new ControlLink(channel);
        } catch (IOException | RuntimeException failed) {
            channel.close();
            throw failed;
        }
    }

    /** Sends one message. */
    public void send(String... words) throws IOException {
        send(List.of(words));
    }

    /** Sends one message. */
    public void send(List<String> words) throws IOException {
        List<String> written = words.stream()
                .map(word -> word.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n"))
                .toList();
        ByteBuffer line = ByteBuffer.wrap((String.join("\t", written) + "\n").getBytes(StandardCharsets.UTF_8));
        long untilNs = System.nanoTime() + SEND_NS_MAX;
        while (line.hasRemaining()) {
            if (channel.write(line) == 0) {
                if (System.nanoTime() - untilNs > 0) {
                    throw new IOException("the other side takes no message");
                }
                LockSupport.parkNanos(PAUSE_NS);
            }
        }
    }

    /**
     * Waits for the next message.
     *
     * @return its words; none if the other side has ended
     * @throws IOException if none came in time, or the other side broke off
     */
    public List<String> receive(Duration atMost) throws IOException {
        long untilNs = System.nanoTime() + atMost.toNanos();
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        while (true) {
            while (input.hasRemaining()) {
                byte octet = input.get();
                if (octet == '\n') {
                    return words(line.toString(StandardCharsets.UTF_8));
                }
                line.write(octet);
            }
            if (line.size() > LINE_BYTES_MAX) {
                throw new IOException("a message of more than " + LINE_BYTES_MAX + " bytes");
            }
            if (!fill(untilNs)) {
                return List.of();
            }
        }
    }

    private boolean fill(long untilNs) throws IOException {
        while (true) {
            input.clear();
            int count = read();
            input.flip();
            if (count != 0) {
                return count > 0;
            }
            long leftMs = (untilNs - System.nanoTime()) / 1_000_000;
            if (leftMs <= 0) {
                throw new IOException("no answer in time");
            }
            selector.select(leftMs);
            selector.selectedKeys().clear();
            if (Thread.interrupted()) {
                throw new IOException("interrupted");
            }
        }
    }

    private int read() throws IOException {
        try {
            return channel.read(input);
        } catch (SocketException gone) {
            // A process that is killed with something unread resets.
            return -1;
        }
    }

    private static List<String> words(String line) {
        List<String> words = new ArrayList<>();
        StringBuilder word = new StringBuilder();
        for (int i = 0; i < line.length(); i++) {
            char c = line.charAt(i);
            if (c == '\t') {
                words.add(word.toString());
                word.setLength(0);
            } else if (c == '\\' && i + 1 < line.length()) {
                char escaped = line.charAt(++i);
                word.append(escaped == 't' ? '\t' : escaped == 'n' ? '\n' : escaped);
            } else {
                word.append(c);
            }
        }
        words.add(word.toString());
        return words;
    }

    @Override
    public void close() {
        try {
            channel.close();
            selector.close();
        } catch (IOException failed) {
            // Nothing is left to be said to anybody.
            return;
        }
    }
}
