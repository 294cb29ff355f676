package io.penstock.transport;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.penstock.transport.tls.ClientHello;
import io.penstock.transport.tls.ServerNames;
import io.penstock.transport.tls.TestCertificates;
import io.penstock.transport.tls.TlsChannel;
import io.penstock.transport.tls.TlsFailure;
import io.penstock.transport.tls.TlsMemory;
import io.penstock.transport.tls.TlsSide;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** A server's end in TLS, with either library, beside the JDK's client. */
@ParameterizedClass
@MethodSource("kinds")
final class TlsChannelTest {
    @TempDir
    static Path folder;

    private static TestCertificates.Pair shop;
    private static TestCertificates.Pair other;

    record Kind(TransportChoice transport, SslProvider library) {}

    static List<Kind> kinds() {
        return List.of(
                new Kind(TransportChoice.NIO, SslProvider.OPENSSL),
                new Kind(TransportChoice.EPOLL, SslProvider.OPENSSL),
                new Kind(TransportChoice.IO_URING, SslProvider.OPENSSL),
                new Kind(TransportChoice.EPOLL, SslProvider.JDK));
    }

    private final Kind kind;
    private Rig rig;
    private TlsMemory memory;
    private ServerNames<SslContext> contexts;
    private Socket under = new Socket();
    private final BlockingQueue<String> failures = new LinkedBlockingQueue<>();
    private final BlockingQueue<String> protocols = new LinkedBlockingQueue<>();

    TlsChannelTest(Kind kind) {
        this.kind = kind;
    }

    @BeforeAll
    static void makeCertificates() throws Exception {
        shop = TestCertificates.make(folder, "shop.example", "*.shop.example");
        other = TestCertificates.make(folder, "other.example");
    }

    @BeforeEach
    void open() throws Exception {
        rig = new Rig(kind.transport());
        memory = Rig.on(rig.loop, TlsMemory::new);
        SslContext shops = context(shop);
        contexts = new ServerNames<>(Map.of("shop.example", shops), Map.of("shop.example", shops), context(other));
    }

    @AfterEach
    void close() throws Exception {
        rig.close();
    }

    private SslContext context(TestCertificates.Pair pair) throws SSLException {
        return SslContextBuilder.forServer(pair.key(), pair.certificate())
                .sslProvider(kind.library())
                .build();
    }

    private final class Server implements TlsSide {
        @Override
        public long handshakeTimeoutNs() {
            return 300_000_000;
        }

        @Override
        public @Nullable SSLEngine begin() {
            return null;
        }

        @Override
        public @Nullable SSLEngine answer(ByteBuffer bytes) throws SSLException {
            ClientHello hello = ClientHello.read(bytes);
            return switch (hello.state()) {
                case PARTIAL -> null;
                case COMPLETE ->
                    Objects.requireNonNull(contexts.of(hello.serverName())).newEngine(ByteBufAllocator.DEFAULT);
                case TOO_LONG, MALFORMED -> throw new SSLException(hello.state().toString());
            };
        }

        @Override
        public void done(SSLEngine engine) {
            protocols.add(engine.getSession().getProtocol());
        }

        @Override
        public void failed(TlsFailure cause, SSLException why) {
            failures.add(String.valueOf(why.getMessage()));
        }
    }

    private Rig.Listening listen(Supplier<ChannelHandler> handlers) throws BindRefused {
        BoundSocket socket = rig.transport.bind(Rig.anyPort(), 1, 16).getFirst();
        Rig.Listening listening = new Rig.Listening(socket.localAddress(), rig.loop, handlers) {
            @Override
            public ChannelHandler accepted(Channel channel) {
                TlsChannel tls = new TlsChannel(channel, memory, new Server());
                tls.handler(super.accepted(tls));
                return tls;
            }
        };
        Rig.run(rig.loop, () -> rig.loop.accept(socket, listening));
        return listening;
    }

    private SSLSocket dial(Rig.Listening to, String name, String... versions) throws Exception {
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        trusted.setCertificateEntry("shop", shop.certificate());
        trusted.setCertificateEntry("other", other.certificate());
        TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
        trust.init(trusted);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        under = rig.dial(to.address);
        SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket(under, name, 443, true);
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setServerNames(List.of(new SNIHostName(name)));
        if (versions.length > 0) {
            parameters.setProtocols(versions);
        }
        socket.setSSLParameters(parameters);
        return socket;
    }

    private static Recorder echo() {
        return new Recorder() {
            @Override
            void whenReceived(Channel channel, Received received) {
                channel.send(received, received.offset(), received.length());
            }

            @Override
            void whenEnded(Channel channel) {
                channel.finish();
            }
        };
    }

    private static byte[] random(int length) {
        byte[] bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        return bytes;
    }

    @Test
    void choosesTheCertificateByTheNameThatIsAskedFor() throws Exception {
        Rig.Listening listening = listen(TlsChannelTest::echo);
        for (Map.Entry<String, TestCertificates.Pair> wanted : Map.of(
                        "shop.example", shop, "a.shop.example", shop, "a.b.shop.example", other, "other.example", other)
                .entrySet()) {
            try (SSLSocket socket = dial(listening, wanted.getKey())) {
                X509Certificate shown = (X509Certificate) socket.getSession().getPeerCertificates()[0];
                assertThat(shown)
                        .as(wanted.getKey())
                        .isEqualTo(wanted.getValue().certificate());
            }
        }
    }

    @Test
    void speaksBothVersions() throws Exception {
        Rig.Listening listening = listen(TlsChannelTest::echo);
        for (String version : List.of("TLSv1.2", "TLSv1.3")) {
            try (SSLSocket socket = dial(listening, "shop.example", version)) {
                socket.getOutputStream().write(65);
                assertThat(socket.getInputStream().read()).isEqualTo(65);
                assertThat(protocols.poll(Rig.TIMEOUT_S, TimeUnit.SECONDS)).isEqualTo(version);
            }
        }
    }

    @Test
    void sendsBackMegabytesUnchanged() throws Exception {
        Rig.Listening listening = listen(TlsChannelTest::echo);
        byte[] sent = random(5_000_000);
        for (String version : List.of("TLSv1.2", "TLSv1.3")) {
            try (SSLSocket socket = dial(listening, "shop.example", version)) {
                Thread sender = Thread.ofVirtual().start(() -> write(socket, sent));
                assertThat(socket.getInputStream().readNBytes(sent.length)).isEqualTo(sent);
                sender.join();
            }
        }
    }

    private static void write(Socket socket, byte[] bytes) {
        try {
            OutputStream out = socket.getOutputStream();
            out.write(bytes);
            out.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void whatIsTakenPartlyComesAgainFirst() throws Exception {
        List<Recorder> recorders = new CopyOnWriteArrayList<>();
        Rig.Listening listening = listen(() -> {
            Recorder recorder = new Recorder();
            recorder.appetite = 700;
            recorders.add(recorder);
            return recorder;
        });
        byte[] sent = random(100_000);
        try (SSLSocket socket = dial(listening, "shop.example")) {
            write(socket, sent);
            Channel channel = listening.next();
            Recorder recorder = recorders.getFirst();
            Awaitility.await().pollInterval(Duration.ofMillis(1)).until(() -> {
                Rig.run(rig.loop, () -> channel.receive(true));
                return recorder.bytes().length == sent.length;
            });
            assertThat(recorder.bytes()).isEqualTo(sent);
        }
    }

    @Test
    void theNoticeOfAnEndIsAnEndAndIsGiven() throws Exception {
        Rig.Listening listening = listen(TlsChannelTest::echo);
        try (SSLSocket socket = dial(listening, "shop.example")) {
            write(socket, "last words".getBytes(US_ASCII));
            socket.shutdownOutput();
            InputStream in = socket.getInputStream();
            assertThat(in.readAllBytes()).isEqualTo("last words".getBytes(US_ASCII));
        }
    }

    @Test
    void closeSendsWhatIsPendingAndTheNotice() throws Exception {
        byte[] answer = random(300_000);
        Rig.Listening listening = listen(() -> new Recorder() {
            @Override
            void whenReceived(Channel channel, Received received) {
                channel.send(answer, 0, answer.length);
                channel.close();
            }
        });
        try (SSLSocket socket = dial(listening, "shop.example")) {
            write(socket, new byte[] {1});
            assertThat(socket.getInputStream().readAllBytes()).isEqualTo(answer);
        }
    }

    @Test
    void clearTextIsRefused() throws Exception {
        Rig.Listening listening = listen(TlsChannelTest::echo);
        try (Socket socket = rig.dial(listening.address)) {
            write(socket, "GET / HTTP/1.1\r\n\r\n".getBytes(US_ASCII));
            assertThat(failures.poll(Rig.TIMEOUT_S, TimeUnit.SECONDS)).isEqualTo("MALFORMED");
            assertThat(socket.getInputStream().read()).isEqualTo(-1);
        }
    }

    @Test
    void aHelloThatDoesNotComeIsNotWaitedForForever() throws Exception {
        Rig.Listening listening = listen(TlsChannelTest::echo);
        try (Socket socket = rig.dial(listening.address)) {
            write(socket, new byte[] {22, 3, 1, 1});
            assertThat(failures.poll(Rig.TIMEOUT_S, TimeUnit.SECONDS)).contains("in time");
        }
    }

    @Test
    void aRecordLongerThanAnyMayBeEndsTheConnection() throws Exception {
        Rig.Listening listening = listen(TlsChannelTest::echo);
        try (SSLSocket socket = dial(listening, "shop.example")) {
            socket.startHandshake();
            Channel channel = listening.next();
            byte[] forged = new byte[20_000];
            forged[0] = 23;
            forged[1] = 3;
            forged[2] = 3;
            forged[3] = 0x75;
            forged[4] = 0x30;
            under.getOutputStream().write(forged);
            // An end in order, as far as there is one without an alert: no defect of a handler, upon which it is a
            // reset.
            assertThat(under.getInputStream().readAllBytes()).isNotNull();
            assertThat(Rig.on(rig.loop, channel::isOpen)).isFalse();
        }
    }

    @Test
    void aBrokenRecordEndsTheConnectionWithAnAlert() throws Exception {
        Rig.Listening listening = listen(TlsChannelTest::echo);
        try (SSLSocket socket = dial(listening, "shop.example")) {
            socket.startHandshake();
            Channel channel = listening.next();
            Rig.turns(rig.loop, 2);
            // Beside the client's own records one that nobody encrypted.
            byte[] forged = new byte[64];
            Arrays.fill(forged, (byte) 7);
            forged[0] = 23;
            forged[1] = 3;
            forged[2] = 3;
            forged[3] = 0;
            forged[4] = 59;
            under.getOutputStream().write(forged);
            under.getOutputStream().flush();
            assertThatThrownBy(() -> socket.getInputStream().readAllBytes())
                    .isInstanceOf(SSLException.class)
                    .hasMessageContaining("alert");
            assertThat(Rig.on(rig.loop, channel::isOpen)).isFalse();
        }
    }
}
