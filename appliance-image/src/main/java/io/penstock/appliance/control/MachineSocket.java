package io.penstock.appliance.control;

import io.penstock.admin.machine.MachinePort;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * The appliance's machine, asked over the socket of {@code control.py}: a connection for each question, a line with its word and JSON
 * behind it, JSON as the answer. Any thread.
 */
public final class MachineSocket implements MachinePort {
    private static final Duration ANSWER_MAX = Duration.ofSeconds(45);
    private static final int ANSWER_BYTES_MAX = 1 << 20;

    private final Path path;

    public MachineSocket(Path path) {
        this.path = path;
    }

    @Override
    public Answer ask(String word, ObjectNode question) throws IOException {
        JsonNode said = read(exchange((word + "\n" + question).getBytes(StandardCharsets.UTF_8)));
        if (said.path("done").isObject()) {
            return new Done(said.path("done"));
        }
        JsonNode refused = said.path("refused");
        return new Refused(
                refused.path("code").asString("unreadable"),
                refused.path("detail").asString("it said nothing that is known here"),
                refused.path("errors"));
    }

    private static JsonNode read(byte[] answer) throws IOException {
        try {
            return JsonMapper.shared().readTree(answer);
        } catch (JacksonException cut) {
            throw new IOException("its answer broke off", cut);
        }
    }

    private byte[] exchange(byte[] question) throws IOException {
        long untilNs = System.nanoTime() + ANSWER_MAX.toNanos();
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
                Selector selector = Selector.open()) {
            channel.connect(UnixDomainSocketAddress.of(path));
            channel.configureBlocking(false);
            SelectionKey key = channel.register(selector, SelectionKey.OP_WRITE);
            ByteBuffer out = ByteBuffer.wrap(question);
            while (out.hasRemaining()) {
                if (channel.write(out) == 0) {
                    await(selector, untilNs);
                }
            }
            channel.shutdownOutput();
            key.interestOps(SelectionKey.OP_READ);
            ByteArrayOutputStream answer = new ByteArrayOutputStream();
            ByteBuffer in = ByteBuffer.allocate(8192);
            for (int read = channel.read(in); read >= 0; read = channel.read(in)) {
                answer.write(in.array(), 0, read);
                in.clear();
                if (answer.size() > ANSWER_BYTES_MAX) {
                    throw new IOException("an answer of more than " + ANSWER_BYTES_MAX + " bytes");
                }
                if (read == 0) {
                    await(selector, untilNs);
                }
            }
            return answer.toByteArray();
        }
    }

    private static void await(Selector selector, long untilNs) throws IOException {
        long leftMs = (untilNs - System.nanoTime()) / 1_000_000;
        if (leftMs <= 0) {
            throw new IOException("no answer within " + ANSWER_MAX.toSeconds() + " s");
        }
        selector.select(leftMs);
        selector.selectedKeys().clear();
        if (Thread.interrupted()) {
            throw new IOException("interrupted");
        }
    }
}
