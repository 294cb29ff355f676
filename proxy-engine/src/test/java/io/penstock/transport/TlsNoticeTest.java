package io.penstock.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import io.penstock.transport.tls.TestCertificates;
import io.penstock.transport.tls.TlsChannel;
import io.penstock.transport.tls.TlsFailure;
import io.penstock.transport.tls.TlsMemory;
import io.penstock.transport.tls.TlsSide;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a peer sends around its notice that it ends (RFC 8446 section 6.1), byte by byte in the test's hand. */
final class TlsNoticeTest {
    private static final InetSocketAddress HERE = new InetSocketAddress(InetAddress.getLoopbackAddress(), 443);
    private static final InetSocketAddress THERE = new InetSocketAddress(InetAddress.getLoopbackAddress(), 50_000);

    @TempDir
    static Path folder;

    private final FakeLoop loop = new FakeLoop();
    private final Recorder recorder = new Recorder();
    private byte[] unread = {};

    @ParameterizedTest
    @EnumSource(
            value = SslProvider.class,
            names = {"JDK", "OPENSSL"})
    void whatFollowsTheNoticeIsIgnoredHoweverMuchItIs(SslProvider library) throws Exception {
        SSLEngine client = client();
        FakeChannel below = connected(client, library);
        below.deliver(encrypted(client, "last words"));
        client.closeOutbound();
        byte[] notice = encrypted(client, "");

        byte[] garbage = new byte[60_000];
        Arrays.fill(garbage, (byte) 0x17);
        below.deliver(together(notice, garbage));
        below.deliver(garbage);

        assertThat(recorder.text()).isEqualTo("last words");
        assertThat(recorder.isEnded()).isTrue();
        assertThat(below.isAborted()).isFalse();
        assertThat(below.isClosed()).isFalse();
    }

    @ParameterizedTest
    @EnumSource(
            value = SslProvider.class,
            names = {"JDK", "OPENSSL"})
    void aRecordMayComeByteByByte(SslProvider library) throws Exception {
        SSLEngine client = client();
        FakeChannel below = connected(client, library);
        for (byte one : encrypted(client, "one by one")) {
            below.deliver(new byte[] {one});
        }
        below.deliver(together(encrypted(client, ", then two "), encrypted(client, "at once")));

        assertThat(recorder.text()).isEqualTo("one by one, then two at once");
    }

    private FakeChannel connected(SSLEngine client, SslProvider library) throws Exception {
        TestCertificates.Pair pair = TestCertificates.make(folder, "shop.example");
        SslContext context = SslContextBuilder.forServer(pair.key(), pair.certificate())
                .sslProvider(library)
                .build();
        FakeChannel below = new FakeChannel(loop, HERE, THERE, recorder);
        TlsChannel tls = new TlsChannel(below, new TlsMemory(), new Server(context));
        tls.handler(recorder);
        below.handler(tls);
        below.open();
        client.beginHandshake();
        for (int i = 0; i < 20 && client.getHandshakeStatus() != HandshakeStatus.NOT_HANDSHAKING; i++) {
            below.deliver(encrypted(client, ""));
            take(client, below);
        }
        loop.run();
        take(client, below);
        assertThat(client.getHandshakeStatus()).isEqualTo(HandshakeStatus.NOT_HANDSHAKING);
        return below;
    }

    private static SSLEngine client() throws SSLException {
        return SslContextBuilder.forClient()
                .sslProvider(SslProvider.JDK)
                .trustManager(InsecureTrustManagerFactory.INSTANCE)
                .build()
                .newEngine(ByteBufAllocator.DEFAULT);
    }

    /** All that the client has to send now: the handshake's part of it, then the text. */
    private static byte[] encrypted(SSLEngine client, String text) throws SSLException {
        ByteBuffer clear = ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII));
        ByteBuffer out = ByteBuffer.allocate(100_000);
        while (true) {
            runTasks(client);
            if (client.getHandshakeStatus() == HandshakeStatus.NEED_UNWRAP) {
                break;
            }
            int before = out.position();
            SSLEngineResult result = client.wrap(clear, out);
            if (!clear.hasRemaining() && result.getHandshakeStatus() != HandshakeStatus.NEED_WRAP) {
                break;
            }
            if (out.position() == before && result.getHandshakeStatus() == HandshakeStatus.NOT_HANDSHAKING) {
                break;
            }
        }
        return Arrays.copyOf(out.array(), out.position());
    }

    /** Lets the client read what came; the rest waits where it has to say something first. */
    private void take(SSLEngine client, FakeChannel below) throws SSLException {
        unread = together(unread, below.sent().getBytes(StandardCharsets.ISO_8859_1));
        ByteBuffer in = ByteBuffer.wrap(unread);
        ByteBuffer clear = ByteBuffer.allocate(100_000);
        while (in.hasRemaining()) {
            SSLEngineResult result = client.unwrap(in, clear);
            runTasks(client);
            if (result.bytesConsumed() == 0 && client.getHandshakeStatus() != HandshakeStatus.NEED_UNWRAP) {
                break;
            }
        }
        unread = Arrays.copyOfRange(unread, in.position(), unread.length);
    }

    private static void runTasks(SSLEngine client) {
        for (Runnable task = client.getDelegatedTask(); task != null; task = client.getDelegatedTask()) {
            task.run();
        }
    }

    private static byte[] together(byte[] first, byte[] second) {
        byte[] both = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }

    private record Server(SslContext context) implements TlsSide {
        @Override
        public long handshakeTimeoutNs() {
            return 1_000_000_000;
        }

        @Override
        public @Nullable SSLEngine begin() {
            return null;
        }

        @Override
        public SSLEngine answer(ByteBuffer bytes) {
            return context.newEngine(ByteBufAllocator.DEFAULT);
        }

        @Override
        public void done(SSLEngine engine) {}

        @Override
        public void failed(TlsFailure cause, SSLException why) {
            throw new AssertionError(why);
        }
    }
}
